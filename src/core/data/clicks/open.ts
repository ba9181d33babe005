import { UserError } from '../../errors.ts';
import { ACTIONS, type ActionName } from '../actions.ts';
import { columnHash } from '../fingerprint.ts';
import { FEATURE_ROLES } from '../import/feature-roles.ts';
import { type Obstacle, obstacleText } from '../obstacle.ts';
import { readSummary } from '../read.ts';
import type { DatasetSummary } from '../types.ts';
import {
  HISTORY_FEATURES,
  historyFeatures,
  type InteractionLabels,
  interactionRows,
} from './from-interactions.ts';
import { withNegatives } from './negatives.ts';
import { openClicks } from './read.ts';
import { sideNames, withSideFeatures } from './side-features.ts';
import { type ClickSplit, hiddenItems, splitRows, TRAIN, VALID } from './split.ts';
import type { ClickTable } from './types.ts';

/** Config of the rows of a click model. */
export interface ClickDataOptions {
  labels: 'auto' | 'given' | 'rating' | 'actions' | 'sampled';
  minRating: number;
  /** Names of ACTIONS, separated by commas. */
  actions: string;
  negatives: number;
  historyLength: number;
  /** "all", or names of columns separated by commas. */
  features: string;
  split: 'auto' | ClickSplit['kind'];
  validShare: number;
  testShare: number;
  hiddenItems: number;
  splitSeed: number;
}

export interface ClickData {
  table: ClickTable;
  /** Part of each row as of splitRows. */
  parts: Uint8Array;
  /** 1 for the rows that may stand in the history of later ones, [rows]. */
  known: Uint8Array;
  /** As resolved from "auto". */
  labels: Exclude<ClickDataOptions['labels'], 'auto'>;
  split: ClickSplit;
  /** Of the columns that labels and split rest on, where the data set's fingerprint does not cover them. */
  hashes: { ratings?: string; actions?: string; times?: string };
}

/** The labelled rows that a ranking model is trained and tested on, from a click log or a data set of interactions. */
export async function openClickData(directory: string, options: ClickDataOptions): Promise<ClickData> {
  const summary = readSummary(directory);
  const labels = resolveLabels(summary, options);
  const rows = summary.clicks
    ? await openClicks(directory)
    : await interactionRows(directory, interactionRule(labels, options));
  const base = await withSideFeatures(directory, rows);
  const split: ClickSplit = {
    kind: options.split === 'auto' ? (base.times ? 'time' : 'random') : options.split,
    valid: options.validShare,
    test: options.testShare,
    seed: options.splitSeed,
    hiddenItems: options.hiddenItems,
  };
  const { table, parts } =
    labels === 'sampled' ? sampledRows(base, split, options) : labelledRows(base, split);
  const known = knownRows(table, parts, split.kind);
  const histories =
    options.historyLength > 0 && !summary.clicks
      ? historiesOf(base, known, table.groupSize, options.historyLength)
      : [];
  const all = { ...table, features: [...table.features, ...histories] };
  const byTime = split.kind === 'time' && !summary.clicks && base.times;
  const hashes = { ...base.labelHash, ...(byTime ? { times: columnHash(byTime) } : {}) };
  return { table: chosen(all, options.features), parts, known, labels, split, hashes };
}

function labelledRows(table: ClickTable, split: ClickSplit): Pick<ClickData, 'table' | 'parts'> {
  return { table, parts: splitRows(table, split) };
}

/** The positives are parted first: what may be drawn as a negative depends on the part. */
function sampledRows(
  positives: ClickTable,
  split: ClickSplit,
  { negatives: count }: ClickDataOptions,
): Pick<ClickData, 'table' | 'parts'> {
  const parts = splitRows(positives, split);
  const hidden = hiddenItems(positives.itemCount, split);
  const table = withNegatives(positives, { parts, hidden, count, seed: split.seed });
  return {
    table,
    parts: Uint8Array.from({ length: table.rows }, (_, row) => parts[Math.floor(row / (count + 1))]),
  };
}

function resolveLabels(summary: DatasetSummary, options: ClickDataOptions): ClickData['labels'] {
  const { clicks, statistics, name } = summary;
  const { labels } = options;
  if (labels === 'auto') {
    if (clicks) return clicks.tasks.length > 0 ? 'given' : 'sampled';
    return statistics.hasRatings ? 'rating' : 'sampled';
  }
  const obstacle = labelsObstacle(summary, labels);
  if (obstacle !== null) {
    throw new UserError({
      code: 'unsuitable-dataset',
      problem: `data set "${name}" ${obstacleText(obstacle)}`,
      fix: obstacle.fix,
    });
  }
  return labels;
}

/** Why a data set cannot be labelled so; null where it can. */
export function labelsObstacle(
  { clicks, statistics, options }: Pick<DatasetSummary, 'clicks' | 'statistics' | 'options'>,
  labels: ClickDataOptions['labels'],
): Obstacle | null {
  const given = clicks !== undefined && clicks.tasks.length > 0;
  if (labels === 'given' && !given) {
    return { missing: 'has no label column', fix: 'set labels=rating, actions or sampled' };
  }
  if (clicks && (labels === 'rating' || labels === 'actions')) {
    return { missing: 'is a click log', fix: 'set labels=given or sampled' };
  }
  if (labels === 'rating' && !statistics.hasRatings) {
    return { missing: 'has no ratings', fix: 'set labels=sampled' };
  }
  if (labels === 'actions' && !options.actions) {
    return { missing: 'has no actions', fix: 'import columns such as is_click, or set labels=sampled' };
  }
  if (labels === 'sampled' && given) {
    return {
      missing: 'has labels of its own',
      detail: 'so no negatives are sampled',
      fix: {
        cli: 'set labels=given, or import it with --map label=-',
        window: 'set labels=given, or import it without a label column',
      },
    };
  }
  return null;
}

/** Every column that `features` can name, in the order of the data. Reads side columns, no rows. */
export async function featureNames(directory: string): Promise<string[]> {
  const { clicks } = readSummary(directory);
  const columns = clicks?.columns.filter(({ role }) => FEATURE_ROLES.includes(role));
  const names = columns?.map(({ name }) => name) ?? ['user', 'item'];
  const side = await sideNames(directory, names);
  return [...names, ...side, ...(clicks ? [] : HISTORY_FEATURES)];
}

function interactionRule(
  labels: ClickData['labels'],
  { minRating, actions }: ClickDataOptions,
): InteractionLabels {
  if (labels === 'rating') return { kind: 'rating', least: minRating };
  if (labels !== 'actions') return { kind: 'positives' };
  const tasks = actions.split(',').map((name) => name.trim());
  const unknown = tasks.find((task) => !ACTIONS.some(({ name }) => name === task));
  if (unknown !== undefined) {
    throw new UserError(
      `actions: "${unknown}" is none; they are ${ACTIONS.map(({ name }) => name).join(', ')}, separated by commas`,
    );
  }
  return { kind: 'actions', tasks: tasks as ActionName[] };
}

/**
 * Rows of validation and test never enter a history, so that a random split gives nothing away; only where the last rows are
 * held out, the validation row stands in the history of the test row, which comes after everything that was selected by it.
 */
function knownRows({ groupSize }: ClickTable, parts: Uint8Array, kind: ClickSplit['kind']): Uint8Array {
  const enters = (part: number) => part === TRAIN || (kind === 'last' && part === VALID);
  return parts.map((part, row) => (row % groupSize === 0 && enters(part) ? 1 : 0));
}

function historiesOf(base: ClickTable, known: Uint8Array, size: number, length: number) {
  const rowsOfPart = size === 1 ? known : known.filter((_, row) => row % size === 0);
  return historyFeatures(base, rowsOfPart, length).map((feature) => ({
    ...feature,
    read: (row: number, target: Int32Array, at: number) => feature.read(Math.floor(row / size), target, at),
  }));
}

function chosen(table: ClickTable, features: string): ClickTable {
  if (features === 'all') return { ...table, features: table.features.filter(({ wide }) => !wide) };
  const names = features.split(',').map((name) => name.trim());
  const known = [...table.dense, ...table.features].map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`features: there is no column "${unknown}"; they are ${known.join(', ')}`);
  }
  return {
    ...table,
    dense: table.dense.filter(({ name }) => names.includes(name)),
    features: table.features.filter(({ name }) => names.includes(name)),
  };
}
