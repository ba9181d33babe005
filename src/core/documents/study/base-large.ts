/**
 * Base against Large: what each model gains from more blocks, tested per user, beside what papers report of the same
 * step. Published results have no values of single users: they stand with their relative change and no test.
 */
import { parseRankMetric } from '../../evaluation/metrics.ts';
import { metricsUsed } from '../../evaluation/metrics-table.ts';
import { adjustedRows, testAgainst } from '../../evaluation/paired/pairing.ts';
import type { Significance } from '../../evaluation/paired/types.ts';
import { targetTimeOf } from '../../evaluation/protocol.ts';
import {
  type DatasetMatch,
  matchDataset,
  type PublishedResults,
  type PublishedSource,
} from '../../published/published-results.ts';
import { metricColumn } from '../comparison/rows/columns.ts';
import { meanMetric } from '../comparison/rows/rows.ts';
import { meanSeconds } from '../comparison/sections/differences.ts';
import { publishedSections, statedDifferences } from '../comparison/sections/published.ts';
import type { ComparedRun, MetricColumn, PublishedLine, PublishedSection } from '../types.ts';

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
export interface PublishedSteps extends Omit<PublishedSection, 'lines'> {
  /** Whether it is the study's own data set, by counts or name. */
  ours: boolean;
  steps: PublishedStep[];
}

export interface BaseLarge {
  columns: MetricColumn[];
  models: ModelStep[];
  /** The study's own data set first. */
  published: PublishedSteps[];
  /** Caveats of reading our rows beside the published ones; whole sentences. */
  warnings: string[];
}

/** The completed runs of both sides of a model. */
export interface StepRuns {
  model: string;
  base: readonly ComparedRun[];
  large: readonly ComparedRun[];
}

const METRICS = metricsUsed('column').filter((name) => parseRankMetric(name)?.ofRank);
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
  published: PublishedResults,
): BaseLarge {
  const all = pairs.flatMap(({ base, large }) => [...base, ...large]);
  const columns = columnsOf(all);
  const models = adjustedRows(pairs.map((pair) => modelStep(pair, columns)));
  const ids = pairs.map(({ model }) => model);
  return {
    columns,
    models,
    published: publishedSteps(published, ids, {
      match: matchDataset(published, dataset),
      name: dataset.name,
      runs: all,
    }),
    warnings: protocolWarnings(all),
  };
}

function modelStep({ model, base, large }: StepRuns, columns: readonly MetricColumn[]): ModelStep {
  const tests =
    base.length > 0 && large.length > 0
      ? testAgainst(
          base,
          large,
          columns.map(({ name }) => name),
          { resamples: RESAMPLES, seed: 1 },
        )
      : null;
  return {
    model,
    base: sideOf(base),
    large: sideOf(large),
    cells: columns.map(({ name }, at) => ({
      // The change is one over the users of both sides.
      ...stepOf(tests?.means[at]?.baseline ?? null, tests?.means[at]?.row ?? null),
      base: meanMetric(base, name),
      large: meanMetric(large, name),
      significance: tests?.cells[at] ?? null,
    })),
  };
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
  const seeing = runs.filter(({ protocol }) => targetTimeOf(protocol) === 'seen');
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
function publishedSteps(
  published: PublishedResults,
  models: readonly string[],
  ours: Ours,
): PublishedSteps[] {
  const found = published.sources.flatMap((source) =>
    publishedSections(published, source).map((one) => stepsOf(source, one, models, ours)),
  );
  return found
    .filter(({ steps }) => steps.length > 0)
    .toSorted((a, b) => Number(b.ours) - Number(a.ours) || b.steps.length - a.steps.length);
}

function stepsOf(
  source: PublishedSource,
  { dataset, section: { lines, ...section } }: { dataset: string; section: PublishedSection },
  models: readonly string[],
  ours: Ours,
): PublishedSteps {
  const sized = lines.flatMap((line, at) => {
    const { blocks } = source.results[dataset][at];
    return blocks === undefined ? [] : [{ blocks, line }];
  });
  const steps = models.flatMap((model) => stepOfModel(model, sized) ?? []);
  const used = distinctMarks(
    steps.map(({ marks }) => marks),
    steps.flatMap(({ cells }) => cells.map(({ marks }) => marks)),
  );
  const renumbered = (marks: readonly number[]) => marks.map((mark) => used.indexOf(mark) + 1);
  const isOurs = ours.match?.id === dataset;
  const differences = ours.runs.flatMap(({ protocol }) => statedDifferences(source, protocol));
  return {
    ...section,
    ours: isOurs,
    steps: steps.map((step) => ({
      ...step,
      marks: renumbered(step.marks),
      cells: step.cells.map((cell) => ({ ...cell, marks: renumbered(cell.marks) })),
    })),
    footnotes: used.map((mark) => section.footnotes[mark - 1]),
    remarks: [
      ...section.remarks,
      isOurs
        ? `Data set ${ours.name} ${ours.match?.how}.`
        : `Other data than ${ours.name}: only the direction and the relative size of a change can be put beside ours.`,
      ...(differences.length > 0
        ? [`Measured differently than ours (ours against theirs: ${[...new Set(differences)].join('; ')}).`]
        : []),
    ],
  };
}

const distinctMarks = (...lists: (readonly number[][])[]) =>
  [...new Set(lists.flat(2))].sort((a, b) => a - b);

/** The model's result of the fewest blocks and of the most; null where the source has but one. */
function stepOfModel(
  model: string,
  lines: readonly { blocks: number; line: PublishedLine }[],
): PublishedStep | null {
  const sized = lines.filter(({ line }) => line.model === model).toSorted((a, b) => a.blocks - b.blocks);
  const [base, large] = [sized[0], sized[sized.length - 1]];
  if (!base || base.blocks === large.blocks) return null;
  return {
    model,
    names: [base.line.name, large.line.name],
    blocks: [base.blocks, large.blocks],
    cells: base.line.cells.map(({ value, marks }, at) => ({
      ...stepOf(value, large.line.cells[at].value),
      marks: distinctMarks([marks, large.line.cells[at].marks]),
    })),
    marks: distinctMarks([base.line.marks, large.line.marks]),
  };
}
