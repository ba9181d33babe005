import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { RunRecord } from '../store/types.ts';
import { datasetReference } from './datasets.ts';
import { configRequest, device } from './models.ts';
import { runId, type TrainingProgress } from './runs.ts';

export interface WaitingRun {
  run: RunRecord;
  held: boolean;
}

export interface ActiveRunState {
  run: RunRecord;
  progress: TrainingProgress | null;
  /** False where another process, such as the command line, trains it. */
  own: boolean;
}

export interface QueueState {
  /** Nothing new starts while it is paused; what runs goes on. */
  paused: boolean;
  /** Runs trained at once, by device. */
  slots: Record<string, number>;
  /** Another process that works off the queue of this home, or null. */
  heldBy: number | null;
  running: ActiveRunState[];
  /** In the order in which they start. */
  waiting: WaitingRun[];
  /** Runs that ended before they completed and can go on, newest first. */
  resumable: RunRecord[];
}

const one = z.object({ run: runId });

export const enqueueRequest = configRequest.extend({
  dataset: datasetReference,
  /** One run a seed. */
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .max(100)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'each seed once'),
  device: device.default('auto'),
  /** Without it, the threads of the settings. */
  threads: z.int().min(1).max(1024).optional(),
  /** With several seeds, each run's name ends in its seed. */
  name: z.string().trim().max(200).optional(),
  tags: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  notes: z.string().max(100_000).default(''),
});

export type EnqueueRequest = z.output<typeof enqueueRequest>;

export const queue = {
  show: oc.output(type<QueueState>()),
  enqueue: oc.input(enqueueRequest).output(type<{ runs: string[] }>()),
  reorder: oc.input(z.object({ runs: z.array(runId) })).output(type<void>()),
  /** The whole queue, or one run: a waiting one is held, a running one is stopped and held with its checkpoint. */
  pause: oc.input(one.partial()).output(type<void>()),
  resume: oc.input(one.partial()).output(type<void>()),
  /** A waiting run is withdrawn; a running one stops and keeps what it has. */
  cancel: oc.input(one).output(type<void>()),
  /** Puts a run that ended unfinished back, to go on from its newest checkpoint. */
  retry: oc.input(one).output(type<void>()),
};
