/** Data sets in words, for the window and the command line. */
import type { ClickRole } from '../data/import/request.ts';
import type { DatasetSummary, MixedColumn } from '../data/types.ts';
import { grouped } from './format.ts';

const ROLE_NAMES: Record<ClickRole, string> = {
  label: 'Label',
  dense: 'Number',
  categorical: 'Category',
  multi: 'Several categories',
  user: 'User',
  item: 'Item',
  time: 'Time',
  ignore: 'Not used',
};

/** What a column of a click log, or a side column, means. */
export function roleName(role: ClickRole): string {
  return ROLE_NAMES[role];
}

/** The side columns of a data set and what they mean, "genres (several categories), age (number)"; null if it has none. */
export function sideColumnsText({ side, mixed = [] }: Pick<DatasetSummary, 'side' | 'mixed'>): string | null {
  const columns = [side?.event, side?.item, side?.user].flatMap((roles) =>
    Object.entries(roles ?? {}).map(([name, role]) => {
      const found = mixed.find((column) => column.name === name);
      return `${name} (${roleName(role).toLowerCase()}${found ? `: ${othersText(found)}` : ''})`;
    }),
  );
  return columns.length > 0 ? columns.join(', ') : null;
}

/** '2 of 12,101 values are not numbers, the first is "unknown"' */
export function othersText({ others, values, example }: MixedColumn): string {
  const first = others === 1 ? `"${example}"` : `the first is "${example}"`;
  return `${grouped(others)} of ${grouped(values)} values ${others === 1 ? 'is not a number' : 'are not numbers'}, ${first}`;
}
