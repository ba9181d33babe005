/** What is told of a plan: what it takes before it begins, and how far it is. */
import type { Span } from '../clock/clock.ts';
import type { PlanRecord } from '../store/home/plans.ts';
import type { Settings } from '../studies/search/space.ts';
import type { PaperPart, PaperStyle } from './choices.ts';
import type { PlanProblem } from './read-plan.ts';

export interface RowTakes {
  /** Index into the models of the plan. */
  entry: number;
  name: string;
  model: string;
  /** Its runs are those of an earlier block, and counted there. */
  repeats: boolean;
  /** Trials that its search still makes, of all. */
  trials: { missing: number; total: number } | null;
  /** By seed; `diverged`: not trained again; `uncertain`: what is trained follows from a search, whose best trial is one of them. */
  runs: { done: number; active: number; missing: number; diverged: number; uncertain: boolean };
  /** Versions of the program whose runs would do, were they asked for. */
  otherVersions: string[];
  /** Seconds of one training, and of all that is missing one after the other; null where nobody knows. */
  one: Span | null;
  time: Span | null;
}

/** What rows build on, such as their tokeniser. */
export interface SourceTakes extends Omit<RowTakes, 'entry' | 'one' | 'repeats'> {
  /** Names of the rows that wait for it. */
  of: string[];
}

export interface BlockTakes {
  table: number;
  dataset: string;
  split: string;
  rows: RowTakes[];
  /** Each in the first block that needs it. */
  sources: SourceTakes[];
}

export interface PlanTakes {
  blocks: BlockTakes[];
  /** Of all blocks, what several have once. */
  done: number;
  missing: number;
  diverged: number;
  trials: number;
  /** Seconds of what is missing one after the other. */
  time: Span;
  otherVersions: string[];
}

/** open: to be trained. diverged: it would again. */
export type SeedState = 'done' | 'running' | 'waiting' | 'failed' | 'diverged' | 'open';

export interface PlanSeed {
  seed: number;
  state: SeedState;
  run: string | null;
}

/** A model in a block. */
export interface PlanCell {
  /** Index into the models of the file. */
  entry: number;
  /** Its trials; null where it is trained as given. `study`: their sweep, once there is one. `seconds`: that they have trained. */
  trials: {
    done: number;
    running: number;
    failed: number;
    total: number;
    study: string | null;
    seconds: number;
  } | null;
  seeds: PlanSeed[];
  /** Mean of the first metric over the seeds that are done. */
  value: number | null;
  /** Validation of the trial that was chosen. */
  best: number | null;
  /** What that has. */
  chosen: Settings | null;
  /** Seconds that are left one after the other; null where nobody knows. */
  left: Span | null;
  /** Its runs are those of an earlier block, and counted there. */
  repeats: boolean;
}

/** A data set under one split. */
export interface PlanBlock {
  table: number;
  /** Name of the data set. */
  dataset: string;
  title: string;
  cells: PlanCell[];
}

export interface PlanModelView {
  /** Index into the models of the file. */
  entry: number;
  model: string;
  name: string;
  /** What tables and the baseline call it. */
  reference: string;
  preset: string | null;
  /** What is set beside the preset, and what is tuned, each as a search takes its values. */
  settings: Record<string, unknown>;
  space: { key: string; values: string }[];
  /** What is tuned, by setting; null where it is trained as given. */
  tuned: string[] | null;
  trials: number | null;
  /** What of it cannot be read; nothing else is known of it then. */
  problem: PlanProblem | null;
}

export interface PlanTableView {
  data: string;
  splits: string[];
  slices: string[];
  /** Of its models, by name; null for all of them. */
  models: string[] | null;
  /** Items and users of the data set; null while it is to be imported. */
  items: number | null;
  /** Why nothing can be trained on it, and its files. */
  absent: { files: string[]; fingerprint: string | null } | null;
}

/** Models that had less to choose from than the best tuned one. */
export interface UnequalBudget {
  entry: number;
  name: string;
  trials: number;
  /** What the best tuned model has, and its name. */
  most: number;
  mostName: string;
  /** Seconds of as many trials; null where nobody knows. */
  time: Span | null;
}

/** A text as the program reads it. */
export interface PlanCheck {
  /** By line; some are of one model alone. */
  problems: PlanProblem[];
  /** Null where it is no plan. */
  plan: {
    name: string;
    tables: PlanTableView[];
    models: PlanModelView[];
    search: string;
    baseline: string | null;
    metrics: string[];
    seeds: number[];
    style: PaperStyle;
    results: { file: string; program: string; problem: string | null; isMeasured: boolean }[];
    blocks: PlanBlock[];
    takes: PlanTakes;
    /** Bytes: the most that runs alike had, and what the machine has. */
    memory: { most: number | null; machine: number };
    unequal: UnequalBudget[];
  } | null;
}

/** A run of a plan that waits, trains or went wrong. */
export interface PlanRun {
  run: string;
  model: string;
  /** "SASRec on Beauty, seed 3" */
  title: string;
  /** Seconds; null where nobody knows. */
  left: Span | null;
  /** Host, or null for this machine. */
  place: string | null;
}

export interface PlanFailure extends PlanRun {
  status: 'failed' | 'diverged' | 'stopped' | 'cancelled';
  message: string | null;
  /** Epochs of its newest checkpoint. */
  saved: number;
  /** Names of the rows that build on it, and wait for it. */
  holds: string[];
}

/** Something that has happened of a plan. */
export interface PlanEvent {
  /** Unix milliseconds. */
  time: number;
  text: string;
  /** The run that it is about, with its model. */
  run: string | null;
  model: string | null;
  /** Host, or null for this machine. */
  place: string | null;
  isBad: boolean;
}

/** How far a plan is. */
export interface PlanProgress {
  head: PlanHead;
  /** Name of the first metric. */
  metric: string;
  models: { entry: number; model: string; name: string }[];
  blocks: PlanBlock[];
  /** Runs of its tables, also those whose settings a search has yet to choose, and the runs that they build on. */
  done: number;
  total: number;
  /** Trials that its searches still make. */
  trials: number;
  wrong: PlanFailure[];
  /** What else stands in its way, a line each. */
  notes: string[];
  now: PlanRun[];
  /** In the order of the queue, the first of them. */
  next: PlanRun[];
  waiting: number;
  /** Seconds that its trainings have taken, and that are left one after the other. */
  spent: number;
  left: Span;
  /** By table, seconds until it is done one after the other. */
  tables: Span[];
}

/** A plan in a list. */
export interface PlanHead extends Omit<PlanRecord, 'where'> {
  /** Another process runs it. */
  heldBy: number | null;
}

export interface PlanEntry extends PlanHead {
  /** What of it cannot be read; nothing else is known of it then. */
  unreadable: string | null;
  tables: number;
  models: number;
  data: string[];
  /** A state for each run of its tables, and for what these build on first. */
  seeds: SeedState[];
  trials: number;
  /** Seconds one after the other until its first table that is not done is, and until all are. */
  next: { table: number; time: Span } | null;
  left: Span;
  /** What it says when it is done: the first row against the baseline, and its limit. */
  says: { fact: string; limit: string } | null;
}

/** Where a number of a paper comes from. */
export interface NumberFacts {
  /** As the paper has it. */
  text: string;
  row: string;
  column: string;
  block: string;
  /** Name, value, and what there is to say of it. */
  facts: [name: string, value: string, note: string][];
  /** Ids. */
  runs: string[];
}

export interface PaperCell {
  text: string;
  mark: 'best' | 'second' | null;
  significant: boolean;
  spread: string | null;
  note: string;
  /** Place among the numbers of the paper; null for words. */
  number: number | null;
}

export interface PaperTable {
  caption: string;
  heads: { title: string; count: number }[][];
  headings: string[];
  textColumns: number;
  lines: PaperCell[][];
  /** Of each line its place in the source, from 0; null where it is not found. */
  source: (number | null)[];
  notes: string[];
}

/** All runs of a paper, and how they are compared. */
export interface PaperRuns {
  runs: string[];
  /** Of the first block that has it; null where nothing is tested. */
  baseline: string | null;
  metrics: string[];
  /** What the plan calls its models, by the id of a run. */
  labels: Record<string, string>;
}

export interface PlanPaper {
  style: PaperStyle;
  /** What its tables may have; `absent` says why one of them is not there, whatever is chosen. */
  parts: { part: PaperPart; isShown: boolean; absent: string | null }[];
  text: string;
  tables: PaperTable[];
  /** Paragraphs with their headings. */
  prose: { title: string; text: string; notes: string[] }[];
  numbers: NumberFacts[];
  compared: PaperRuns;
  missing: string[];
  /** What a reader must know, a line each. */
  warnings: string[];
}
