import { type } from '@orpc/contract';
import { z } from 'zod';
import { nameSchema } from '../names.ts';
import type { QueueState } from '../store/runs/queue-state.ts';
import { threadsSchema } from '../threads.ts';
import { jobOptions } from '../training/job-options.ts';
import { asks, does } from './asking.ts';
import { datasetReference } from './datasets.ts';
import { hostName } from './hosts.ts';
import { anyDevice, configRequest } from './models.ts';
import { runId } from './runs.ts';

export { terminalQuote } from '../names.ts';
export { parseSeeds, seedsText } from '../seeds.ts';
export type { ActiveRunState, QueueState, WaitingRun } from '../store/runs/queue-state.ts';
export type { PlaceState } from '../training/place.ts';

const one = z.object({ run: runId });

export const enqueueRequest = configRequest.extend({
  dataset: datasetReference,
  /** One run per seed. */
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .max(100)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'each seed once'),
  device: anyDevice,
  /** Default: the threads of the settings. */
  threads: threadsSchema.optional(),
  /** The host that trains it. Default: this machine. */
  on: hostName.optional(),
  /** How its job is submitted there, where that differs from what the host says. */
  job: jobOptions.optional(),
  /** With several seeds, each run's name ends in its seed. */
  name: z.string().trim().max(200).optional(),
  tags: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  notes: z.string().max(100_000).default(''),
  /** Project to put the runs into; created if it does not exist. Default: none. */
  project: nameSchema.optional(),
});

export type EnqueueRequest = z.output<typeof enqueueRequest>;

export const queue = {
  show: asks(['queue', 'runs', 'checkpoints', 'settings', 'hosts']).output(type<QueueState>()),
  /** All or, where one of them cannot be made, none. */
  enqueue: does
    .input(z.object({ requests: z.array(enqueueRequest).min(1).max(100) }))
    .output(type<{ runs: string[] }>()),
  reorder: does.input(z.object({ runs: z.array(runId) })).output(type<void>()),
  /** Pauses the whole queue, or holds one run; a running one stops with its checkpoint. */
  pause: does.input(one.partial()).output(type<void>()),
  resume: does.input(one.partial()).output(type<void>()),
  /** Removes a waiting run; a running one stops and keeps its results so far. */
  cancel: does.input(one).output(type<void>()),
  /** Asks the machine that trains a run at once how it stands. */
  check: does.input(one).output(type<void>()),
  /** Stops a run of another machine, fetches what it has reached, and goes on here. */
  trainHere: does.input(one).output(type<void>()),
  /** Makes the present epoch of a run that trains its last one; its best epoch is then tested. */
  stopAfterEpoch: does.input(one).output(type<void>()),
  /** Queues an unfinished run again, to resume from its newest checkpoint; `job` changes how its job is submitted. */
  requeue: does.input(one.extend({ job: jobOptions.optional() })).output(type<void>()),
};
