import type { IdMeasure } from '../../../../core/api/codebooks.ts';
import { fixed, grouped } from '../../../format/format.ts';

export interface MeasureRow {
  title: string;
  /** By level or depth, "" for what is of the whole IDs. */
  values: Record<string, number>;
  decimals: number;
}

const levelOf = ({ name }: IdMeasure) => name.split('@', 2)[1] ?? '';

/** A measure a row, a level or depth a column. */
export function measureTable(measures: readonly IdMeasure[]): { levels: string[]; rows: MeasureRow[] } {
  const kinds = Map.groupBy(measures, ({ name }) => name.replace(/@.*$/, ''));
  return {
    levels: [...new Set(measures.map(levelOf))].sort((a, b) => Number(a) - Number(b)),
    rows: [...kinds.values()].map((group) => ({
      title: group[0].label.replace(/@.*$/, ''),
      values: Object.fromEntries(group.map((one) => [levelOf(one), one.value])),
      decimals: group[0].decimals,
    })),
  };
}

/** A measure as it is read: a count grouped, a large number without digits that say nothing. */
export function valueText(value: number | null | undefined, decimals: number): string {
  if (value == null) return '';
  return decimals === 0 || value >= 1_000 ? grouped(Math.round(value)) : fixed(value, decimals);
}
