/** What rows of the table are to each other: groups of one value, and the best of those that were measured alike. */
import { metricDirection, signOf } from '../../evaluation/metrics-table.ts';
import type { Order } from './fold-rows.ts';
import { type SortedBy, type SortValue, valueOfRow } from './row-order.ts';
import type { RunPlaces } from './run-table-types.ts';

export interface Group {
  key: string;
  value: string | null;
  measured: string | null;
  rows: Order[];
}

/** In the order of their values, those without one last. Data sets part by what measured the rows; others stay with the most. */
export function groupsOf(all: readonly Order[], values: SortedBy['values'], byProtocol: boolean): Group[] {
  const ofRow = ({ numbers }: Order) => valueOfRow(numbers, values, false);
  const groups = [...Map.groupBy(all, ofRow)].sort(([a], [b]) => valueOrder(a, b));
  return groups.flatMap(([grouped, ofValue]): Group[] => {
    const value = grouped === null ? null : String(grouped);
    const parts = Map.groupBy(ofValue, ({ measured }) =>
      byProtocol ? (measured?.slice(0, 12) ?? null) : null,
    );
    const known = [...parts.keys()].filter((measured) => measured !== null);
    const [most = null] = known.sort((a, b) => (parts.get(b)?.length ?? 0) - (parts.get(a)?.length ?? 0));
    const keyed = Map.groupBy(ofValue, ({ measured }) =>
      byProtocol ? (measured?.slice(0, 12) ?? most) : null,
    );
    const bySize = [...keyed].sort(([, a], [, b]) => b.length - a.length);
    return bySize.map(([measured, rows]) => {
      const key = [value ?? '', ...(measured === null || measured === most ? [] : [measured])].join(' ');
      const first = rows.find((row) => row.measured !== null)?.measured ?? null;
      return { key, value, measured: byProtocol ? first : null, rows };
    });
  });
}

function valueOrder(a: SortValue, b: SortValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === typeof b) return a < b ? -1 : 1;
  return typeof a === 'number' ? -1 : 1;
}

/** Ends what results of some of the users have in common. */
export const SAMPLED = ' sampled';

/** As few rows say nothing about which is best. */
const LEAST_COMPARED = 3;

/**
 * Of rows of one data set and protocol, by the values that their runs have of each metric. Equal values share a place; `others`,
 * and values of some of the users, have none.
 */
export function bestPlaces(
  rows: readonly Order[],
  metrics: ReadonlyMap<string, SortedBy['values']>,
  others: ReadonlySet<string>,
): RunPlaces {
  const places: RunPlaces = {};
  const compared = rows.filter(
    ({ runs, measured }) =>
      measured !== null && !measured.endsWith(SAMPLED) && !runs.some((run) => others.has(run)),
  );
  for (const peers of Map.groupBy(compared, ({ measured }) => measured).values()) {
    for (const [metric, known] of metrics) {
      const direction = metricDirection(metric);
      const meanOf = ({ numbers }: Order) => valueOfRow(numbers, known, true);
      const valued = peers.filter((row) => Number.isFinite(meanOf(row)));
      if (direction === 'none' || valued.length < LEAST_COMPARED) continue;
      const values = valued.map((row) => signOf(direction) * Number(meanOf(row)));
      const [best, second] = [...new Set(values)].sort((a, b) => b - a);
      for (const [index, row] of valued.entries()) {
        if (values[index] !== best && values[index] !== second) continue;
        const [first] = row.runs;
        places[first] = { ...places[first], [metric]: values[index] === best ? 'best' : 'second' };
      }
    }
  }
  return places;
}
