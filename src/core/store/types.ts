import type { Protocol } from '../evaluation/types.ts';
import type { ReadFacts } from '../foreign/results/lists.ts';
import type { ListFacts } from '../foreign/results/rank-lists.ts';
import type { SplitFacts } from '../foreign/results/unknown.ts';
import type { Processor } from '../processor-kinds.ts';
import type { CheckpointEvaluation, TrainSpec } from '../training/events.ts';
import type { JobOptions } from '../training/job-options.ts';
import type { PlaceState } from '../training/place.ts';
import type { RunOutcome, RunStatus } from './runs/run-life.ts';

export type { RunOutcome, RunStatus } from './runs/run-life.ts';

/** The checkpoint that a run evaluates again. In a stored run its path may be relative to the home. */
export interface EvaluatedCheckpoint extends CheckpointEvaluation {
  /** The run it is of; null once that has been deleted. */
  run: string | null;
  /** That run's name when the evaluation began. */
  name: string;
}

export interface NewRun {
  /** Where null, a free name is made of model, data set and seed, or of the name of the evaluated run. */
  name: string | null;
  model: string;
  config: Record<string, unknown>;
  dataset: { id: string; name: string; fingerprint: string };
  seed: number;
  requestedDevice: TrainSpec['device'];
  threads: number;
  /** The host on which it is to be trained. Default: this machine. */
  place?: string | null;
  /** How its job is submitted there, where that differs from what the host says. */
  job?: JobOptions | null;
  codeVersion: string;
  /** Where the run trains nothing but evaluates a checkpoint of another. */
  evaluates?: EvaluatedCheckpoint | null;
}

/** What runs of every kind have. Times are Unix milliseconds; null means not known, or not yet. */
interface RunFacts {
  id: string;
  name: string;
  device: string | null;
  deviceReason: string | null;
  parameters: number | null;
  environment: Record<string, string | number> | null;
  status: RunStatus;
  /** Why the run ended as it did, one line, or null. */
  message: string | null;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  epochs: number | null;
  selectedEpoch: number | null;
  /** Of training and evaluation, as the trainer counted them. */
  seconds: number | null;
  /** Bytes: the most that a trainer of it has had resident. */
  peakMemory: number | null;
  /** Joules of the machine's processors over all attempts, whoever used them. */
  energy: number | null;
  /** Of ranking all candidates for one user, in the batches of the test. */
  listSeconds: number | null;
  /** Final metrics such as "test/ndcg@10", as this program measured them; NaN where a metric is not a number. */
  metrics: Record<string, number>;
  protocol: Protocol | null;
  protocolFingerprint: string | null;
}

/** A run that this program trains, or in which it evaluates a checkpoint. */
export interface OwnRun extends RunFacts {
  kind: 'own';
  model: string;
  config: Record<string, unknown>;
  /** `id` is null once the data set has been deleted. */
  dataset: { id: string | null; name: string; fingerprint: string };
  seed: number;
  requestedDevice: TrainSpec['device'];
  threads: number;
  /** The host on which it is trained; null for this machine. */
  place: string | null;
  /** How its job is submitted there, where that differs from what the host says. */
  job: JobOptions | null;
  codeVersion: string;
  /** Null for a training. */
  evaluates: EvaluatedCheckpoint | null;
}

/** What is known of a file of recommendations. */
export interface ResultFacts extends ReadFacts, ListFacts, SplitFacts {
  /** Its name, without its folder. */
  file: string;
}

/** A run of another program, which tells of it what it likes; nothing of it is measured here. */
export interface ImportedRun extends RunFacts {
  kind: 'imported';
  /** What trained it, such as "PyTorch 2.6". */
  program: string;
  /** As that program calls it. */
  model: string | null;
  config: Record<string, unknown> | null;
  /** As that program calls it: no data set of this home. */
  dataset: { id: null; name: string; fingerprint: null } | null;
  seed: number | null;
  /** Its final figures as that program states them, by its own names. */
  stated: Record<string, number>;
}

/** Recommendations of another program, which this one has measured on a data set of the home. */
export interface ExternalRun extends RunFacts {
  kind: 'external';
  /** What made them, such as "RecBole 1.2". */
  program: string;
  model: string | null;
  config: Record<string, unknown> | null;
  dataset: OwnRun['dataset'];
  seed: number | null;
  /** What its files say of it, by their own names. */
  stated: Record<string, number>;
  /** What its file holds, and how it was read. */
  result: ResultFacts;
}

/** Of what this program has measured itself. */
export type MeasuredRun = OwnRun | ExternalRun;

export type RunRecord = OwnRun | ExternalRun | ImportedRun;

export interface AttemptRecord {
  number: number;
  /** The process that hosted the attempt. */
  pid: number;
  startedAt: number;
  endedAt: number | null;
  outcome: RunOutcome | null;
  /** Step of the checkpoint the attempt continued from; 0 from the start. */
  fromStep: number;
  /** Of the program that hosted it; earlier ones did not note it. */
  codeVersion?: string;
  /** Kinds of CPU that it trained on, in order; earlier versions did not note them. */
  processors?: Processor[];
  /** Where it stood last, on another machine. */
  lastPlace?: PlaceState;
}

export interface LogEntry {
  /** Unix milliseconds. */
  time: number;
  level: 'info' | 'warn' | 'error';
  message: string;
}
