import type {
  ComparedRow,
  ComparedSlice,
  ComparisonView,
  SliceComparison,
} from '../../../core/api/compare.ts';
import { tasksOf } from '../../../core/api/models.ts';

/** What stands for an item, from the one that knows nothing of it to the most flexible pieces of its Semantic ID. */
const REPRESENTATIONS: readonly (string | null)[] = ['id', 'hash', 'dense', 'unigram', 'bigram', 'spm'];

export interface ColdStartRow {
  row: ComparedRow;
  /** Null where its model has no such setting. */
  representation: string | null;
}

/** The rows that predict clicks, by what stands for an item in them; rows without such a setting come last. */
export function coldStartRows({ rows, protocols, configs }: ComparisonView): ColdStartRow[] {
  const setting = configs.find(({ key }) => key === 'itemRepresentation')?.values;
  const place = (name: string | null) => {
    const at = REPRESENTATIONS.indexOf(name);
    return at < 0 ? REPRESENTATIONS.length : at;
  };
  return rows
    .map((row, at) => ({ row, representation: setting?.[at] ?? null }))
    .filter(({ row }) => tasksOf(protocols[row.protocol]?.protocol) !== null)
    .sort((a, b) => place(a.representation) - place(b.representation));
}

export interface ColdStartPoint {
  id: string;
  name: string;
  representation: ColdStartRow['representation'];
  slice: string;
  rows: number;
  value: number;
  low?: number;
  high?: number;
  /** To the baseline, where both were tested. */
  difference?: NonNullable<ComparedSlice['differences']>[string];
}

/** One metric of every row over all rows of data and in every slice by the items' age, with its interval. */
export function coldStartPoints(
  rows: readonly ColdStartRow[],
  slices: readonly SliceComparison[],
  metric: string,
): ColdStartPoint[] {
  const aged = (members: readonly ComparedSlice[]) => members.some(({ by }) => by === 'item age');
  return rows.flatMap(({ row, representation }) => {
    const ours = slices.find(({ id }) => id === row.id)?.slices ?? [];
    return (aged(ours) ? ours : []).flatMap((slice): ColdStartPoint[] => {
      const value = slice.metrics[metric];
      const shown = slice.by === 'all' || slice.by === 'item age';
      if (!shown || value === undefined || !Number.isFinite(value)) return [];
      const [low, high] = slice.intervals?.[metric] ?? [];
      return [
        {
          id: row.id,
          name: row.name,
          representation,
          value,
          low,
          high,
          slice: slice.slice,
          rows: slice.users,
          difference: slice.differences?.[metric],
        },
      ];
    });
  });
}
