/** What papers and repositories print of one metric on one data set, model by model, beside ours. */
import { UserError } from '../errors.ts';
import { metricDirection, signOf } from '../evaluation/metrics-table.ts';
import { modelTitle } from '../model-facts.ts';
import {
  footnotesOf,
  hasSplitOf,
  type PublishedResult,
  type PublishedResults,
  type PublishedSource,
} from './published-results.ts';

export interface PrintedValue {
  /** The best one, where the source has several results of the model. */
  value: number;
  /** The source itself proposes the model. */
  own: boolean;
  /** The model's results as the source calls them. */
  names: string[];
}

/** A configuration of ours, over its seeds. */
export interface OurResult {
  /** Of its first run. */
  id: string;
  /** All its runs. */
  runs: string[];
  name: string;
  model: string;
  blocks: number | null;
  /** How its test items are held out; null where that is not known. */
  split: string | null;
  mean: number;
  std: number | null;
  seeds: number;
}

/** Ours against the best printed value. */
interface Lead {
  difference: number;
  /** Of the printed value. */
  percent: number;
  /** The same, above 0 where ours is better. */
  gain: number;
}

interface PrintedRow {
  /** Unique in the board. */
  key: string;
  /** Null where there is no such model here. */
  model: string | null;
  title: string;
  ours: OurResult | null;
  /** One a source; null where it has none of the model. */
  printed: (PrintedValue | null)[];
}

export interface BoardRow extends PrintedRow {
  best: PrintedValue | null;
  lead: Lead | null;
}

export interface BoardSource
  extends Pick<PublishedSource, 'id' | 'name' | 'venue' | 'link' | 'title' | 'where' | 'protocol'> {
  /** What is to know about its numbers; whole sentences. */
  notes: string[];
}

export interface PrintedBoard {
  sources: BoardSource[];
  rows: BoardRow[];
}

/** Models by what they are, and of one source those with more blocks than its smallest apart. */
interface Variant {
  result: PublishedResult;
  key: string;
  isLarge: boolean;
}

/** The metrics that are printed for a data set, those of most sources first, of equals NDCG@10. */
export function boardMetrics({ sources }: PublishedResults, dataset: string): string[] {
  const counts = new Map<string, number>();
  for (const { metrics, results } of sources)
    for (const metric of Object.hasOwn(results, dataset) ? metrics : [])
      counts.set(metric, (counts.get(metric) ?? 0) + 1);
  const weight = ([metric, count]: [string, number]) => count + (metric === 'ndcg@10' ? 0.5 : 0);
  return [...counts].sort((a, b) => weight(b) - weight(a)).map(([metric]) => metric);
}

/**
 * What is printed; `ours` of a model that nobody prints has a row of its own. By what we reach, else by print; sources with most
 * of our models first. Throws UserError for a data set that there is not.
 */
export function publishedBoard(
  { datasets, sources }: PublishedResults,
  dataset: string,
  metric: string,
  ours: readonly OurResult[],
): PrintedBoard {
  if (!Object.hasOwn(datasets, dataset))
    throw new UserError(`there is no published data set ${JSON.stringify(dataset)}`);
  const measured = new Set(ours.map(({ model }) => model));
  const beside = ({ results }: PublishedSource) =>
    new Set(results[dataset].flatMap(({ id }) => (id !== null && measured.has(id) ? [id] : []))).size;
  const printing = sources
    .filter((source) => Object.hasOwn(source.results, dataset) && source.metrics.includes(metric))
    .sort((a, b) => beside(b) - beside(a));
  const variants = printing.map((source) => variantsOf(source.results[dataset]));
  const keys = [...new Set(variants.flat().map(({ key }) => key))];
  const printed = keys.flatMap((key) => rowsOf(key, { printing, variants, metric, ours }));
  const placed = new Set(printed.map((row) => row.ours));
  const alone = ours.filter((one) => !placed.has(one));
  const rows: PrintedRow[] = [
    ...printed,
    ...alone.map((one) => ({
      key: one.id,
      model: one.model,
      title: modelTitle(one.model),
      ours: one,
      printed: printing.map(() => null),
    })),
  ];
  const sign = signOf(metricDirection(`test/${metric}`));
  const value = ({ ours: own, best }: BoardRow) => own?.mean ?? best?.value ?? 0;
  return {
    sources: printing.map((source) => sourceOf(source, dataset, metric)),
    rows: rows.map((row) => ranked(row, printing, sign)).sort((a, b) => sign * (value(b) - value(a))),
  };
}

/** `printing`: the sources of the printed values. Ours lead those of the same split alone. */
function ranked(row: PrintedRow, printing: readonly PublishedSource[], sign: 1 | -1): BoardRow {
  const bestOf = (values: readonly (PrintedValue | null)[]) =>
    values.filter((value) => value !== null).toSorted((a, b) => sign * (b.value - a.value))[0] ?? null;
  const alike = row.printed.filter((_, at) => hasSplitOf(printing[at], row.ours?.split));
  const best = bestOf(alike);
  if (!row.ours || !best) return { ...row, best: bestOf(row.printed), lead: null };
  const difference = row.ours.mean - best.value;
  const percent = (100 * difference) / best.value;
  return { ...row, best, lead: { difference, percent, gain: sign * percent } };
}

function variantsOf(results: readonly PublishedResult[]): Variant[] {
  return results.map((result) => {
    const { id, blocks, model } = result;
    const alike = results.filter((other) => other.id === id).flatMap((other) => other.blocks ?? []);
    const isLarge = id !== null && blocks !== undefined && blocks > Math.min(...alike);
    return { result, isLarge, key: id === null ? model.toLowerCase() : `${id}${isLarge ? ' large' : ''}` };
  });
}

interface Sources {
  printing: readonly PublishedSource[];
  /** Aligned with `printing`. */
  variants: readonly Variant[][];
  metric: string;
  ours: readonly OurResult[];
}

/** One row for each of ours that the results of a model stand beside, else one without ours; none where nothing is printed. */
function rowsOf(key: string, { printing, variants, metric, ours }: Sources): PrintedRow[] {
  const members = variants.flat().filter((variant) => variant.key === key);
  const [{ result, isLarge }] = members;
  const printed = printing.map((source, at): PrintedValue | null => {
    const value = ({ values }: PublishedResult) => values[source.metrics.indexOf(metric)];
    const sign = signOf(metricDirection(`test/${metric}`));
    const found = variants[at].flatMap((one) =>
      one.key === key && value(one.result) !== null ? one.result : [],
    );
    const [best] = found.toSorted((a, b) => sign * (Number(value(b)) - Number(value(a))));
    if (!best) return null;
    return {
      value: Number(value(best)),
      own: source.own.includes(best.model),
      names: found.map(({ model }) => model),
    };
  });
  if (printed.every((value) => value === null)) return [];
  const large = variants.flat().filter((variant) => variant.isLarge && variant.result.id === result.id);
  const isOfLarge = ({ blocks }: OurResult) => large.some((variant) => variant.result.blocks === blocks);
  const beside = ours.filter((one) => one.model === result.id && isOfLarge(one) === isLarge);
  const title = result.id === null ? result.model : modelTitle(result.id) + (isLarge ? ', large' : '');
  return (beside.length > 0 ? beside : [null]).map((one) => ({
    key: one ? `${key} ${one.id}` : key,
    model: result.id,
    title,
    ours: one,
    printed,
  }));
}

function sourceOf(source: PublishedSource, dataset: string, metric: string): BoardSource {
  const { id, name, venue, link, title, where, protocol } = source;
  const { marked, general } = footnotesOf(source, dataset);
  const here = source.results[dataset].map(({ model }) => model);
  const notes = marked
    .filter(({ metrics }) => metrics === undefined || metrics.includes(metric))
    .map(({ text, models = [] }) => {
      const named = models.filter((model) => here.includes(model)).join(', ');
      return named === '' ? text : `${named}: ${text}`;
    });
  return {
    id,
    name,
    venue,
    link,
    title,
    where,
    protocol,
    notes: [...general.map(({ text }) => text), ...notes],
  };
}
