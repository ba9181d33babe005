/** How a procedure of the contract begins: as a question, which says what its answer is made of, or as a deed. */
import { oc } from '@orpc/contract';

/** What answers are made of, and what events say to have changed (events.ts). */
export const TOPICS = [
  /** Rows of runs: status, results, notes. */
  'runs',
  'checkpoints',
  'series',
  'logs',
  'queue',
  'projects',
  'studies',
  'comparisons',
  'plans',
  'datasets',
  'imports',
  /** Evaluations, exports and other long work. */
  'work',
  'trash',
  'settings',
  /** What screens keep for themselves. */
  'views',
  'hosts',
  'plugins',
  /** Pretrained models that were dropped and are kept. */
  'models',
] as const;

export type Topic = (typeof TOPICS)[number];
/** Of these an event can say whose they are. */
export type RunTopic = Extract<Topic, 'runs' | 'checkpoints' | 'series' | 'logs'>;

export interface Reads {
  reads: readonly Topic[];
  /** By the field of the input that names a run or several: what is read of these runs alone. */
  readsOf: Readonly<Record<string, readonly RunTopic[]>>;
}

export type Meta = Reads | { reads: null };

/** A question. Where a window has asked it, it asks again once something of that changes; nothing of the home, where nothing is named. */
export const asks = (reads: Reads['reads'], readsOf: Reads['readsOf'] = {}) =>
  oc.$meta<Meta>({ reads, readsOf });

/** A deed: what it answers is true of its moment. */
export const does = oc.$meta<Meta>({ reads: null });
