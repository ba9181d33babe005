import { sequenceTask } from './task.ts';

/** Every position tells the item after it, from those up to it (Kang and McAuley 2018, section 3.5). */
export const nextItemTask = sequenceTask({
  title: 'Next item',
  summary: 'every position predicts the item that follows',
  settings: {},
  bind: () => ({ causal: true, tokens: [] }),
});
