/** Every model with its paper's number, independent runs of it, and ours, side by side for one data set. */
import { meanInterval } from '../../../evaluation/bootstrap.ts';
import { byValidation, type Choosable, mayBeChosen, validationOf } from '../../../evaluation/choice.ts';
import { mean, meanColumns, perUserMetric } from '../../../evaluation/metrics.ts';
import { ranksOf } from '../../../evaluation/paired/pairing.ts';
import { splitOf } from '../../../evaluation/protocol.ts';
import { standardDeviation } from '../../../evaluation/significance.ts';
import { modelTitle } from '../../../model-facts.ts';
import {
  hasSplitOf,
  type PublishedResult,
  type PublishedResults,
  type PublishedSource,
} from '../../../published/published-results.ts';
import { duration, fixed, grouped } from '../../format.ts';
import type { Comparison, ComparisonRow, MetricColumn, TableSection } from '../../types.ts';
import { metricColumn } from '../rows/columns.ts';
import { meanMetric } from '../rows/rows.ts';
import { meanSeconds } from './differences.ts';
import { blocksOf, matchOf, rowRemarks } from './published.ts';

/** The metric that most sources state. */
const METRIC = 'ndcg@10';
const RESAMPLES = 1000;
const HEADINGS = [
  'Model',
  'Paper',
  'Run by others',
  'Ours',
  '95 % interval',
  'Seeds',
  'Parameters',
  'Training',
];

/** What one source has of one model. */
interface Found {
  source: PublishedSource;
  result: PublishedResult;
  value: number;
}

/**
 * A table for each published data set that rows are of, or for the one that all are taken to be of: models of this
 * program, ours first: by protocol, and within one by validation. A source's numbers of models that it does not itself propose count as independent runs.
 */
export function overviewByModel(
  comparison: Comparison,
  published: PublishedResults,
  chosen?: string,
): TableSection[] {
  const matches = comparison.rows.map((row) => matchOf(published, row, chosen)?.id ?? null);
  const datasets = [...new Set(matches.filter((id) => id !== null))];
  return datasets.flatMap((dataset) => {
    const rows = comparison.rows.filter((_, at) => matches[at] === dataset);
    const found = foundFor(published, dataset);
    if (found.length === 0) return [];
    return [tableOf(published, dataset, comparison, rows, found)];
  });
}

function foundFor({ sources }: PublishedResults, dataset: string): Found[] {
  return sources.flatMap((source) => {
    const at = source.metrics.indexOf(METRIC);
    return (source.results[dataset] ?? []).flatMap((result) => {
      const value = result.values[at];
      return result.id === null || typeof value !== 'number' ? [] : [{ source, result, value }];
    });
  });
}

function tableOf(
  published: PublishedResults,
  dataset: string,
  { protocols }: Comparison,
  rows: readonly ComparisonRow[],
  found: readonly Found[],
): TableSection {
  const column = metricColumn(`test/${METRIC}`);
  const value = (row: ComparisonRow) =>
    mean(row.runs.map(({ metrics }) => metrics[column.name] ?? Number.NaN));
  const measured = rows.filter((row) => Number.isFinite(value(row)));
  const groups = protocols.flatMap(({ label }, at) => {
    const rowsOfProtocol = measured.filter(({ protocol }) => protocol === at).map(choosable);
    const { best, others } = byValidation(rowsOfProtocol, column.name);
    return rowsOfProtocol.length > 0 ? [{ label, rows: [...best, ...others].map(({ row }) => row) }] : [];
  });
  const ordered = groups.flatMap((group) => group.rows);
  const others = found.filter(({ result }) => !measured.some(({ model }) => model === result.id));
  const byModel = Object.entries(Object.groupBy(others, ({ result }) => result.id ?? ''));
  const best = ([, list = []]: (typeof byModel)[number]) => Math.max(...list.map((one) => one.value));
  const sources = [...new Set(found.map(({ source }) => source))];
  const cite = (list: readonly Found[]) => citation(list, sources, column);
  const lines = [
    ...ordered.map((row) => [row.name, ...cite(besideRow(found, row)), ...ourCells(row, value(row), column)]),
    ...byModel
      .toSorted((a, b) => best(b) - best(a))
      .map(([model, list = []]) => [
        modelTitle(model),
        ...cite(list),
        ...Array(HEADINGS.length - 3).fill('–'),
      ]),
  ];
  return {
    title: `${column.label} on ${published.datasets[dataset].title}: papers, independent runs and ours`,
    headings: HEADINGS,
    textColumns: 3,
    lines,
    notes: [
      ...sources.map(({ title, protocol }, at) => `[${at + 1}] ${title}: ${protocol}.`),
      ...remarksOf(ordered, found),
      ...orderNotes(groups),
      'Intervals: BCa bootstrap over users of the mean over seeds. Published numbers come without intervals, so no difference to them is tested.',
    ],
  };
}

function choosable(row: ComparisonRow): Choosable & { row: ComparisonRow } {
  const { model, runs } = row;
  const valid = runs.every((run) => mayBeChosen(run.protocol, run))
    ? meanMetric(runs, validationOf(`test/${METRIC}`))
    : null;
  return { row, model, seeds: runs.length, valid };
}

/** How our rows are ordered, where there are several. */
function orderNotes(groups: readonly { label: string; rows: readonly ComparisonRow[] }[]): string[] {
  if (groups.flatMap(({ rows }) => rows).length < 2) return [];
  const names = groups.map(({ label, rows }) => `${label}: ${rows.map(({ name }) => name).join(', ')}`);
  const order = 'Our rows are sorted by validation score; those without one, or chosen on test, come last.';
  if (groups.length === 1) return [order];
  return [`${order} Values of different protocols are not comparable (${names.join('; ')}).`];
}

/** What each source has of a row's model by its split: of several sizes the one with as many blocks, else the first. */
function besideRow(found: readonly Found[], row: ComparisonRow): Found[] {
  const ofModel = found.filter(
    ({ result, source }) => result.id === row.model && hasSplitOf(source, splitOf(row.runs[0].protocol)),
  );
  const bySource = Map.groupBy(ofModel, ({ source }) => source);
  return [...bySource.values()].map(
    (ofSource) => ofSource.find(({ result }) => result.blocks === blocksOf(row)) ?? ofSource[0],
  );
}

/** The paper's number and the range of the others', each with the numbers of its sources. */
function citation(
  list: readonly Found[],
  sources: readonly PublishedSource[],
  { decimals }: MetricColumn,
): [paper: string, others: string] {
  const isOwn = ({ source, result }: Found) => source.own.includes(result.model);
  const text = (some: readonly Found[]) => {
    if (some.length === 0) return '–';
    const values = some.map(({ value }) => value);
    const ends = [...new Set([Math.min(...values), Math.max(...values)].map((end) => fixed(end, decimals)))];
    const marks = [...new Set(some.map(({ source }) => sources.indexOf(source) + 1))].sort((a, b) => a - b);
    return `${ends.join(' to ')} ${marks.map((mark) => `[${mark}]`).join('')}`;
  };
  return [text(list.filter(isOwn)), text(list.filter((one) => !isOwn(one)))];
}

function ourCells(row: ComparisonRow, value: number, { decimals, name }: MetricColumn): string[] {
  const at = row.runs.map(({ metrics }) => metrics[name]);
  const interval = intervalOf(row);
  const { parameters } = row.runs[0];
  return [
    fixed(value, decimals) + (at.length > 1 ? ` ± ${fixed(standardDeviation(at), decimals)}` : ''),
    interval === null ? '–' : interval.map((end) => fixed(end, decimals)).join(' to '),
    String(row.runs.length),
    parameters == null ? '–' : grouped(parameters),
    duration(meanSeconds(row.runs)),
  ];
}

/** Null where the runs keep no ranks, or not of the same users. */
function intervalOf({ runs }: ComparisonRow): [number, number] | null {
  const ranks = ranksOf(runs, 'test');
  const users = ranks?.[0].users;
  const areAlike = ranks?.every(
    (one) => one.users.length === users?.length && one.users.every((user, at) => user === users[at]),
  );
  if (!ranks || !areAlike || users?.length === 0) return null;
  const sample = meanColumns(ranks.map((one) => perUserMetric(one, METRIC)));
  return meanInterval(sample, RESAMPLES);
}

/** Where rows and the results beside them were made differently, each remark once. */
function remarksOf(rows: readonly ComparisonRow[], found: readonly Found[]): string[] {
  return [
    ...new Set(
      rows.flatMap((row) =>
        besideRow(found, row).flatMap(({ source, result }) => rowRemarks(source, result, row)),
      ),
    ),
  ];
}
