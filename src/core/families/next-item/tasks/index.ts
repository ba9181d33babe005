/** Every task that a model of sequences can be trained by. */
import { cloze } from './cloze.ts';
import { nextItemTask } from './next-item.ts';

export type { BoundTask } from './task.ts';

export const tasks = {
  'next-item': nextItemTask,
  cloze,
};
