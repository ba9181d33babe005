/** What a trainer tells its parent. Plain data and typed arrays only: it crosses process borders. */
import type { Protocol, UserRanks } from '../evaluation/types.ts';
import type { Provenance } from './provenance.ts';
import type { SourceKey } from './sources.ts';

export interface SeriesPoints {
  /** Metric name such as "train/loss" or "valid/ndcg@10". */
  metric: string;
  /** Optimiser steps since the run began, strictly increasing within a metric. */
  steps: number[];
  epochs: number[];
  /** Unix milliseconds. */
  times: number[];
  values: number[];
}

export interface CheckpointInfo {
  /** Absolute path of the safetensors file; the trainer's state lies beside it as .json. */
  path: string;
  epoch: number;
  step: number;
  kind: 'last' | 'best';
}

export interface RunResult {
  status: 'completed' | 'cancelled';
  epochs: number;
  /** Epoch whose parameters were evaluated. */
  selectedEpoch: number;
  seconds: number;
  /** Names such as "test/ndcg@10". */
  metrics: Record<string, number>;
  /** Empty where the model ranks no items. */
  ranks: UserRanks[];
  protocol: Protocol;
}

/** What a trainer took of the machine at one moment; null where it cannot be measured. */
export interface UsageSample {
  /** Unix milliseconds. */
  time: number;
  /** Percent of one core, of the trainer. */
  cpu: number | null;
  /** Bytes of the trainer's resident memory. */
  memory: number | null;
  /** Percent of the device. */
  gpu: number | null;
  /** Bytes in use on the device. */
  gpuMemory: number | null;
}

export type TrainerEvent =
  | {
      type: 'started';
      device: string;
      /** Why this device, and why not those preferred to it. */
      deviceReason: string;
      parameters: number;
      environment: Record<string, string | number>;
      /** First step this attempt will write; series after it are dropped (0 for a new run). */
      fromStep: number;
    }
  | {
      type: 'progress';
      phase: 'prepare' | 'train' | 'validate' | 'test';
      epoch: number;
      epochs: number;
      /** Of the current phase, in `unit`. */
      done: number;
      total: number;
      unit: string;
      /** Units a second. */
      rate: number;
      /** Of the whole run, or null when unknown. */
      secondsLeft: number | null;
      loss: number | null;
    }
  | { type: 'series'; points: SeriesPoints[] }
  | { type: 'checkpoint'; checkpoint: CheckpointInfo }
  /** Every few seconds. `peakMemory` is the most that the trainer has had resident, in bytes. */
  | { type: 'usage'; sample: UsageSample; peakMemory: number }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string }
  | { type: 'result'; result: RunResult };

/** A checkpoint to be evaluated again. */
export interface CheckpointEvaluation {
  /** Absolute path of the safetensors file. */
  path: string;
  kind: CheckpointInfo['kind'];
  /** Epoch of its parameters. */
  epoch: number;
  /** Held-out items to rank; a run without validation items has no "valid". */
  splits: readonly ('valid' | 'test')[];
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
  threads: number;
  /** Where checkpoints go. */
  runDir: string;
  /** Continue from this checkpoint (safetensors path), or null. */
  resumeFrom: string | null;
  /** Evaluate this checkpoint of another run and train nothing. */
  evaluate?: CheckpointEvaluation | null;
  /** The runs that the config names. */
  sources?: Partial<Record<SourceKey, SourceRun>>;
  /** What the run rests on by way of them. */
  provenance?: Provenance;
}
