/** The answer of a comparison in words of its models; the tests decide what is said, never the largest number alone. */
import { signOf } from '../../../evaluation/metrics-table.ts';
import { isSimpleBaseline } from '../../../model-facts.ts';
import type { Verdict } from '../../document.ts';
import { fixed, pValue } from '../../format.ts';
import type { Comparison, ComparisonCell, ComparisonRow, MetricColumn } from '../../types.ts';

type Row = Pick<
  ComparisonRow,
  'name' | 'fullName' | 'model' | 'cells' | 'isBaseline' | 'protocol' | 'unknown'
> & {
  runs: readonly unknown[];
};
type Rows = readonly Row[];
type Compared = Pick<Comparison, 'columns' | 'protocols' | 'baseline'> & { rows: Rows };

/** Above this percentage a ratio says more. */
const MAX_PERCENT = 100;

/**
 * Of the first metric: its best row against the baseline, or the baseline against its second where it is the best itself.
 * `shown`: indexes of the metrics it is about, the main one first. Null where there is nothing to say, as of a single row.
 */
export function verdictOf(all: Compared, shown: readonly number[]): Verdict | null {
  const comparison = {
    ...all,
    columns: shown.map((at) => all.columns[at]),
    rows: all.rows.map((row) => ({ ...row, cells: shown.map((at) => row.cells[at]) })),
  };
  const { rows, columns, protocols, baseline } = comparison;
  const names = rows.map(({ name }) => name);
  const [column] = columns;
  if (!column || rows.length < 2 || column.direction === 'none') return null;
  // A row whose fact is unknown takes no part in the statement about that fact.
  const told = new Set(rows.flatMap(({ protocol, unknown }) => (unknown.length === 0 ? [protocol] : [])));
  if (protocols.length > 1 && told.size !== 1) {
    return {
      lead: `${countWord(protocols.length)} protocols`,
      limit: 'not compared with each other',
      details: [],
    };
  }
  const ranked = rankedRows(rows, column);
  if (ranked.length < 2) return null;
  const [best] = ranked;
  // The tests are against the baseline, so that it is one of the two.
  const other = baseline === null || best === baseline ? ranked[1] : baseline;
  const details = baselineDetails(comparison, best);
  const end = column.direction === 'lower' ? 'lowest' : 'highest';
  const untested = (limit: string) => ({
    lead: `${names[best]} has the ${end} ${column.label}`,
    limit,
    details,
  });
  if (baseline === null || !ranked.includes(other)) return untested('');
  const tested = rows[best === baseline ? other : best];
  const findings = columns.map((one, at) => findingOf(tested.cells[at], one, best === baseline ? -1 : 1));
  const [better, open, worse] = (['better', 'open', 'worse'] as const).map((kind) =>
    columns.filter((_, at) => findings[at] === kind).map(({ label }) => label),
  );
  if (findings.every((finding) => finding === null)) return untested('not tested');
  details.push(...seedDetails([rows[best], rows[other]], tested.cells, columns));
  const pair = [runText(rows[best]), runText(rows[other])] as const;
  if (better.length === 0 && worse.length === 0) {
    return {
      lead: capital(`${pair[0]} and ${pair[1]} cannot be told apart`),
      limit: `no significant difference in ${listOf(open)}`,
      details,
    };
  }
  const parts = [
    ...(findings[0] === 'open' ? [`not significant in ${listOf(open)}`] : []),
    ...(better.length > 0 ? [`significant in ${listOf(better)}`] : []),
    ...(findings[0] !== 'open' && open.length > 0 ? [`not in ${listOf(open)}`] : []),
    ...(worse.length > 0 ? [`significantly worse in ${listOf(worse)}`] : []),
  ];
  return { lead: capital(distanceText(pair, rows, [best, other], column)), limit: parts.join(', '), details };
}

/** Whether a row is one training of a model that another seed would have trained otherwise. */
const isOneSeed = ({ runs, model }: Row) => runs.length === 1 && !isSimpleBaseline(model);

/** The tests are of runs: one of them is not its model. A name of its own says so by itself. */
function runText(row: Row): string {
  return isOneSeed(row) && row.name !== row.fullName ? `this run of ${row.name}` : row.name;
}

/** What the tests say of other seeds: nothing where a side has one; with several on both, what the interval does. */
function seedDetails(
  pair: readonly [Row, Row],
  cells: readonly ComparisonCell[],
  columns: readonly MetricColumn[],
): string[] {
  const alone = pair.filter(isOneSeed).map(({ name }) => name);
  if (alone.length > 0) return [`One seed of ${listOf(alone)} says nothing of others.`];
  const turned = columns.filter((_, at) => cells[at].significance?.significant && disagrees(cells[at]));
  return turned.length === 0
    ? []
    : [`In ${listOf(turned.map(({ label }) => label))} the interval contains 0: other seeds may turn it.`];
}

const capital = (text: string) => (text.startsWith('this run') ? `T${text.slice(1)}` : text);

/** Rows by the metric, best first; those without a value, of some of the users, or of which something is unknown are left out. */
function rankedRows(rows: Rows, { direction }: MetricColumn): number[] {
  const value = (row: number) => rows[row].cells[0].mean ?? Number.NaN;
  return [...rows.keys()]
    .filter(
      (row) =>
        Number.isFinite(value(row)) &&
        rows[row].cells[0].note === undefined &&
        rows[row].unknown.length === 0,
    )
    .sort((a, b) => signOf(direction) * (value(b) - value(a)));
}

type Finding = 'better' | 'worse' | 'open' | null;

/** Finding of the corrected test for a row against the baseline; with `sign` −1, for the baseline against the row. */
export function findingOf(
  { significance }: ComparisonCell,
  { direction }: MetricColumn,
  sign: 1 | -1 = 1,
): Finding {
  if (!significance || direction === 'none') return null;
  if (!significance.significant) return 'open';
  const gain = sign * signOf(direction) * significance.difference;
  return gain > 0 ? 'better' : 'worse';
}

/** Whether the interval leaves out 0 and the corrected test finds no difference, or the other way round. */
export function disagrees({ significance }: Pick<ComparisonCell, 'significance'>): boolean {
  if (!significance) return false;
  const [low, high] = significance.interval;
  return (low > 0 || high < 0) !== significance.significant;
}

/** "SASRec leads HSTU by 3.2 %", or "SASRec has 2.9 times the NDCG@10 of EASE". */
function distanceText(
  [better, other]: readonly [string, string],
  rows: Rows,
  [best, second]: readonly [number, number],
  column: MetricColumn,
): string {
  const [high, low] = [rows[best].cells[0].mean ?? 0, rows[second].cells[0].mean ?? 0];
  if (low === 0) return `${better} leads ${other}, whose ${column.label} is 0`;
  const percent = (100 * Math.abs(high - low)) / Math.abs(low);
  if (column.direction === 'higher' && percent > MAX_PERCENT) {
    return `${better} has ${fixed(high / low, 1)} times the ${column.label} of ${other}`;
  }
  return `${better} leads ${other} by ${fixed(percent, 1)} %`;
}

/** How far the best, or the baseline where it is another model, is above the best simple baseline. */
function baselineDetails({ rows, columns, baseline }: Compared, best: number): string[] {
  const [column] = columns;
  const names = rows.map(({ name }) => name);
  const simple = rankedRows(rows, column).find((row) => isSimpleBaseline(rows[row].model));
  if (simple === undefined) return [];
  const value = rows[simple].cells[0].mean ?? 0;
  const found = `Best simple baseline: ${names[simple]}, ${fixed(value, column.decimals)}.`;
  const isOther = baseline !== null && !isSimpleBaseline(rows[baseline].model);
  const above = isOther ? baseline : best;
  const mean = rows[above].cells[0].mean;
  if (above === simple || mean === null || value === 0) return [found];
  const percent = (100 * (mean - value)) / Math.abs(value);
  const pair = [above, simple].filter((row) => row !== baseline);
  const tested = pair.length === 1 ? rows[pair[0]].cells[0].significance : null;
  const p = tested ? `, p ${pText(tested.holm)}` : '';
  const place = percent >= 0 ? 'above' : 'below';
  return [
    found,
    `${names[above]} is ${fixed(Math.abs(percent), Math.abs(percent) < 10 ? 1 : 0)} % ${place} it${p}.`,
  ];
}

const pText = (p: number) => (p < 0.001 ? pValue(p) : `= ${pValue(p)}`);

/** "a, b and c" */
function listOf(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function countWord(count: number): string {
  return ['Two', 'Three', 'Four', 'Five'][count - 2] ?? String(count);
}
