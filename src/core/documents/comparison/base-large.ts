/**
 * Base against Large: what each model gains from more blocks, tested per user, beside what papers report of the same
 * step. Published results have no values of single users: they stand with their relative change and no test.
 */
import { protocolDifferences } from '../../evaluation/protocol.ts';
import {
  type DatasetMatch,
  footnotesOf,
  matchDataset,
  type PublishedSource,
  type Shelf,
} from '../../published/shelf.ts';
import type { ComparedRun, MetricColumn, Significance } from '../types.ts';
import { metricColumn } from './columns.ts';
import { adjustColumn, type SharedMeans, testAgainst } from './pairing.ts';
import { meanMetric } from './rows.ts';
import { meanSeconds } from './sections.ts';

/** What more blocks make of one metric. */
export interface Step {
  base: number | null;
  large: number | null;
  /** Large minus base. */
  change: number | null;
  percent: number | null;
}

/** A step of ours; paired over users, Holm over the models. */
export interface TestedStep extends Step {
  significance: Significance | null;
}

/** One side of a model: means over its completed seeds. */
export interface StepSide {
  blocks: number | null;
  /** Completed runs, one a seed. */
  runs: { id: string; name: string; seed: number | null }[];
  parameters: number | null;
  seconds: number | null;
}

export interface ModelStep {
  /** Id. */
  model: string;
  base: StepSide;
  large: StepSide;
  /** Aligned with the columns. */
  cells: TestedStep[];
}

/** A published step; marks are numbers of footnotes. */
export interface PublishedStep {
  /** Id of the model here. */
  model: string;
  /** As the source calls them. */
  names: [base: string, large: string];
  blocks: [base: number, large: number];
  /** Aligned with the source's columns. */
  cells: (Step & { marks: number[] })[];
  marks: number[];
}

/** What one source has published of base and Large on one data set. */
export interface PublishedSteps {
  source: string;
  where: string;
  protocol: string;
  dataset: string;
  /** Whether it is the study's own data set, by counts or name. */
  ours: boolean;
  columns: MetricColumn[];
  steps: PublishedStep[];
  footnotes: string[];
  /** What cannot be compared with ours, and why; whole sentences. */
  remarks: string[];
}

export interface BaseLarge {
  columns: MetricColumn[];
  models: ModelStep[];
  /** The study's own data set first. */
  published: PublishedSteps[];
  /** What must be known before ours is read beside the published rows; whole sentences. */
  warnings: string[];
}

/** The completed runs of both sides of a model. */
export interface StepRuns {
  model: string;
  base: readonly ComparedRun[];
  large: readonly ComparedRun[];
}

const METRICS = ['ndcg@10', 'ndcg@50', 'hr@10', 'hr@50', 'mrr'];
const RESAMPLES = 2000;

/** Where the epoch was chosen on the test items, the last epoch's results stand beside the chosen one's. */
function columnsOf(runs: readonly ComparedRun[]): MetricColumn[] {
  const final = runs.some(({ metrics }) => metrics['final/ndcg@10'] !== undefined) ? ['final/ndcg@10'] : [];
  return [...METRICS.map((metric) => `test/${metric}`), ...final].map(metricColumn);
}

/** The result of such a study, for the page, the report and the command line. */
export function compareBaseLarge(
  pairs: readonly StepRuns[],
  dataset: { name: string; users?: number; interactions?: number },
  shelf: Shelf,
): BaseLarge {
  const all = pairs.flatMap(({ base, large }) => [...base, ...large]);
  const columns = columnsOf(all);
  const models = pairs.map((pair) => modelStep(pair, columns));
  columns.forEach((_, at) => {
    adjustColumn(models.map(({ cells }) => cells[at].significance));
  });
  const ids = pairs.map(({ model }) => model);
  return {
    columns,
    models,
    published: publishedSteps(shelf, ids, {
      match: matchDataset(shelf, dataset),
      name: dataset.name,
      runs: all,
    }),
    warnings: protocolWarnings(all),
  };
}

function modelStep({ model, base, large }: StepRuns, columns: readonly MetricColumn[]): ModelStep {
  const tests =
    base.length > 0 && large.length > 0
      ? testAgainst(base, large, columns, { resamples: RESAMPLES, seed: 1 })
      : null;
  return {
    model,
    base: sideOf(base),
    large: sideOf(large),
    cells: columns.map(({ name }, at) => ({
      ...sharedStep(meanMetric(base, name), meanMetric(large, name), tests?.means[at] ?? null),
      significance: tests?.cells[at] ?? null,
    })),
  };
}

/** The change is one over the users of both sides. */
function sharedStep(base: number | null, large: number | null, shared: SharedMeans | null): Step {
  const { change, percent } = stepOf(shared?.baseline ?? null, shared?.row ?? null);
  return { base, large, change, percent };
}

function stepOf(base: number | null, large: number | null): Step {
  const change = base === null || large === null ? null : large - base;
  return { base, large, change, percent: change === null || !base ? null : (100 * change) / base };
}

function sideOf(runs: readonly ComparedRun[]): StepSide {
  const blocks = runs[0]?.config?.blocks;
  return {
    blocks: typeof blocks === 'number' ? blocks : null,
    runs: runs.map(({ id, name, seed }) => ({ id, name, seed: seed ?? null })),
    parameters: runs[0]?.parameters ?? null,
    seconds: meanSeconds(runs),
  };
}

/** The runs of a study share their protocol, but for what their models know of the target's time. */
function protocolWarnings(runs: readonly ComparedRun[]): string[] {
  const seeing = runs.filter(
    ({ protocol }) => protocol?.task === undefined && protocol?.targetTime === 'seen',
  );
  const models = [...new Set(seeing.map(({ model }) => model))];
  const optimistic = runs.some(
    ({ protocol }) => protocol?.task === undefined && protocol?.selection === 'test',
  );
  return [
    ...(models.length > 0
      ? [
          `${models.join(' and ')} ${models.length > 1 ? 'know' : 'knows'} the time of the interaction to predict, as published; the other models do ` +
            'not. Base and Large of one model know the same.',
        ]
      : []),
    ...(optimistic
      ? [
          'The epoch is chosen on the test items, as in the tables: optimistic. The last epoch stands beside it.',
        ]
      : []),
  ];
}

interface Ours {
  match: DatasetMatch | null;
  name: string;
  runs: readonly ComparedRun[];
}

/** Every source and data set that has base and Large of at least one of the models. */
export function publishedSteps(shelf: Shelf, models: readonly string[], ours: Ours): PublishedSteps[] {
  const found = shelf.sources.flatMap((source) =>
    Object.keys(source.results).map((dataset) => stepsOf(shelf, source, dataset, models, ours)),
  );
  return found
    .filter(({ steps }) => steps.length > 0)
    .toSorted((a, b) => Number(b.ours) - Number(a.ours) || b.steps.length - a.steps.length);
}

function stepsOf(
  { datasets }: Shelf,
  source: PublishedSource,
  dataset: string,
  models: readonly string[],
  ours: Ours,
): PublishedSteps {
  const { marked, general } = footnotesOf(source, dataset);
  const steps = models.flatMap((model) => stepOfModel(source, dataset, model, marked) ?? []);
  const names = steps.flatMap((step) => step.names);
  const isOurs = ours.match?.id === dataset;
  const used = marked.filter(
    (note) => note.models === undefined || note.models.some((name) => names.includes(name)),
  );
  const renumbered = (marks: readonly number[]) => marks.map((mark) => used.indexOf(marked[mark - 1]) + 1);
  return {
    source: source.title,
    where: source.where,
    protocol: source.protocol,
    dataset: datasets[dataset].title,
    ours: isOurs,
    columns: source.metrics.map((metric) => metricColumn(`test/${metric}`)),
    steps: steps.map((step) => ({
      ...step,
      marks: renumbered(step.marks),
      cells: step.cells.map((cell) => ({ ...cell, marks: renumbered(cell.marks) })),
    })),
    footnotes: used.map(({ text }) => text),
    remarks: [
      ...general.map(({ text }) => text),
      isOurs
        ? `Data set ${ours.name} ${ours.match?.how}.`
        : `Other data than ${ours.name}: only the direction and the relative size of a change can be put beside ours.`,
      ...protocolRemarks(source, ours.runs),
    ],
  };
}

/** The model's result of the fewest blocks and of the most; null where the source has but one. */
function stepOfModel(
  { results, metrics }: PublishedSource,
  dataset: string,
  model: string,
  marked: readonly { models?: string[]; metrics?: string[] }[],
): PublishedStep | null {
  const sized = results[dataset]
    .flatMap((result) =>
      result.id === model && result.blocks !== undefined ? [{ ...result, blocks: result.blocks }] : [],
    )
    .toSorted((a, b) => a.blocks - b.blocks);
  const [base, large] = [sized[0], sized[sized.length - 1]];
  if (!base || base.blocks === large.blocks) return null;
  const about = (note: { models?: string[] }) =>
    note.models === undefined || note.models.includes(base.model) || note.models.includes(large.model);
  const marks = (of: (note: { metrics?: string[] }) => boolean) =>
    marked.flatMap((note, at) => (about(note) && of(note) ? [at + 1] : []));
  return {
    model,
    names: [base.model, large.model],
    blocks: [base.blocks, large.blocks],
    cells: metrics.map((metric, at) => ({
      ...stepOf(base.values[at], large.values[at]),
      marks: marks((note) => note.metrics?.includes(metric) ?? false),
    })),
    marks: marks((note) => note.metrics === undefined),
  };
}

/** Differences between our protocols and the source's, each once. */
function protocolRemarks(source: PublishedSource, runs: readonly ComparedRun[]): string[] {
  const stated = Object.keys(source.states);
  const differences = runs.flatMap(({ protocol }) => {
    if (!protocol) return [];
    const own = Object.fromEntries(Object.entries(protocol).filter(([field]) => stated.includes(field)));
    return protocolDifferences(own, source.states);
  });
  const distinct = [...new Set(differences)];
  return distinct.length > 0
    ? [`Measured differently than ours (ours against theirs: ${distinct.join('; ')}).`]
    : [];
}
