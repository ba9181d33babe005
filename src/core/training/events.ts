/** What a trainer tells of its run. Plain data and typed arrays only: it crosses process borders, and is kept in a journal. */
import { z } from 'zod';
import type { ChosenDevice } from '../engine/types.ts';
import type { NegativesRule } from '../evaluation/negatives.ts';
import type { Protocol } from '../evaluation/types.ts';
import type { PluginCode } from '../plugins/ids.ts';
import type { JobOptions } from './job-options.ts';
import type { Provenance } from './provenance.ts';
import type { SourceKey } from './sources.ts';

/** Any number, in JSON too, which has no word for what is not finite; null is a gap, as NaN is. */
const real = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
  z.null().transform(() => Number.NaN),
]);

const seriesPoints = z
  .object({
    /** Metric name such as "train/loss" or "valid/ndcg@10". */
    metric: z.string().min(1).max(200),
    /** Optimiser steps since the run began, strictly increasing within a metric. */
    steps: z.array(z.number()),
    epochs: z.array(z.number()),
    /** Unix milliseconds. */
    times: z.array(z.number()),
    values: z.array(real),
  })
  .refine(
    ({ steps, ...others }) =>
      Object.values(others).every((of) => typeof of === 'string' || of.length === steps.length),
    'lists of one length',
  );

const checkpointInfo = z.object({
  /** Absolute path of the safetensors file; the trainer's state lies beside it as .json. */
  path: z.string(),
  epoch: z.number(),
  step: z.number(),
  kind: z.enum(['last', 'best']),
});

const integers = z.custom<Int32Array>((value) => value instanceof Int32Array);

export const userRanks = z.object({
  split: z.enum(['valid', 'test', 'final']),
  several: z.enum(['all', 'successive']).optional(),
  candidates: z.number(),
  users: integers,
  targets: integers,
  ranks: integers,
  lengths: integers.optional(),
  historyLengths: integers,
  crossEntropy: real.optional(),
  topK: z.number(),
  topItems: integers,
});

export const runResult = z.object({
  status: z.enum(['completed', 'cancelled']),
  epochs: z.number(),
  /** Epoch whose parameters were evaluated. */
  selectedEpoch: z.number(),
  seconds: z.number(),
  /** Of ranking all candidates for one user, in the batches of the test. */
  listSeconds: z.number().nonnegative().nullable().optional(),
  /** Names such as "test/ndcg@10". */
  metrics: z.record(z.string(), real),
  /** Empty where the model ranks no items. */
  ranks: z.array(userRanks),
  protocol: z.custom<Protocol>((value) => typeof value === 'object' && value !== null),
});

/** What a trainer took of the machine at one moment; null where it cannot be measured. */
const usageSample = z.object({
  /** Unix milliseconds. */
  time: z.number(),
  /** Percent of one core, of the trainer. */
  cpu: z.number().nullable(),
  /** Bytes of the trainer's resident memory. */
  memory: z.number().nullable(),
  /** Percent of the device. */
  gpu: z.number().nullable(),
  /** Bytes in use on the device. */
  gpuMemory: z.number().nullable(),
  /** Joules that the processors of its machine took since the sample before, whoever used them. */
  energy: z.number().nonnegative().nullable().optional(),
});

/** `time`: when it happened, in Unix milliseconds; without it, when it is recorded. */
function eventOf<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ type: z.literal(type), time: z.number().optional(), ...shape });
}

export const trainerEventSchema = z.discriminatedUnion('type', [
  eventOf('started', {
    device: z.string(),
    /** Why this device, and why not those preferred to it. */
    deviceReason: z.string(),
    /** Null where another program does not say. */
    parameters: z.number().nullable(),
    environment: z.record(z.string(), z.union([z.string(), z.number()])),
    /** Steps that its checkpoint has done; series after them are dropped (0 for a new run). */
    fromStep: z.number(),
  }),
  eventOf('progress', {
    phase: z.enum(['prepare', 'train', 'validate', 'test']),
    epoch: z.number(),
    epochs: z.number(),
    /** Of the current phase, in `unit`. */
    done: z.number(),
    total: z.number(),
    unit: z.string(),
    /** Units a second. */
    rate: real,
    /** Of the whole run, or null when unknown. */
    secondsLeft: z.number().nullable(),
    /** The same if the present epoch were its last one. */
    secondsIfStopped: z.number().nullable().optional(),
    loss: z.number().nullable(),
  }),
  eventOf('series', { points: z.array(seriesPoints) }),
  eventOf('checkpoint', { checkpoint: checkpointInfo }),
  /** Every few seconds. `peakMemory` is the most that the trainer has had resident, in bytes. */
  eventOf('usage', { sample: usageSample, peakMemory: z.number() }),
  eventOf('log', {
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
    /** How the message begins: one that begins so is kept once a run. */
    once: z.string().optional(),
  }),
  eventOf('result', { result: runResult }),
  /** In place of a training, where a spec asks to weigh it. */
  eventOf('weighed', {
    memory: z.object({ bytes: z.number(), free: z.number(), problem: z.string().nullable() }).nullable(),
  }),
  /** Another program has completed its run, and states these figures by its own names. */
  eventOf('finished', { metrics: z.record(z.string().min(1).max(200), real) }),
]);

export type SeriesPoints = z.output<typeof seriesPoints>;
export type CheckpointInfo = z.output<typeof checkpointInfo>;
export type RunResult = z.output<typeof runResult>;
export type UsageSample = z.output<typeof usageSample>;
export type TrainerEvent = z.output<typeof trainerEventSchema>;

/** A checkpoint to be evaluated again. */
export interface CheckpointEvaluation {
  /** Absolute path of the safetensors file. */
  path: string;
  kind: CheckpointInfo['kind'];
  /** Epoch of its parameters. */
  epoch: number;
  /** Held-out items to rank; a run without validation items has no "valid". */
  splits: readonly ('valid' | 'test')[];
  /** Rank each held-out item among these alone, in place of all candidates. */
  among?: NegativesRule;
}

/** Another run that this one builds on, as a key of its config names it. */
export interface SourceRun {
  run: string;
  name: string;
  model: string;
  config: Record<string, unknown>;
  /** Its folder, with what it has made. */
  dir: string;
  /** Absolute path of the checkpoint that was tested, or of the newest; null without one. */
  checkpoint: string | null;
  /** Folder of its data set, where its ids are needed. */
  datasetDir?: string;
}

/** Everything a worker needs to run or resume one training, or one evaluation. */
export interface TrainSpec {
  runId: string;
  model: string;
  /** The model's full config, already validated by its schema. */
  config: Record<string, unknown>;
  datasetDir: string;
  seed: number;
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'tfjs-gpu';
  /** What `auto` stands for on the machine that trains: whoever starts a trainer there says it. */
  auto?: ChosenDevice;
  threads: number;
  /** On a cluster, how its job is submitted where that differs from what its host says. */
  job?: JobOptions;
  /** Where checkpoints go. */
  runDir: string;
  /** Absolute path of the journal that the trainer begins; without one, it lives no longer than its parent. */
  journal?: string;
  /** Continue from this checkpoint (safetensors path), or null. */
  resumeFrom: string | null;
  /** Stop after so many epochs, validated and with a checkpoint, where the training is not over by then. */
  stopAt?: number;
  /** Say what a step takes in memory (`weighTraining`) and train nothing. */
  weigh?: boolean;
  /** Evaluate this checkpoint of another run and train nothing. */
  evaluate?: CheckpointEvaluation | null;
  /** The runs that the config names. */
  sources?: Partial<Record<SourceKey, SourceRun>>;
  /** What the run rests on by way of them. */
  provenance?: Provenance;
  /** Those that its model, its config and its metrics are of. */
  plugins?: readonly PluginCode[];
}
