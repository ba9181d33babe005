import { sequenceTask } from './task.ts';

/** Every position predicts the item after it (Kang and McAuley 2018, section 3.5). */
export const nextItemTask = sequenceTask({
  title: 'Next item',
  summary: 'every position predicts the item that follows',
  settings: {},
  bind: () => ({ causal: true, tokens: [] }),
});
