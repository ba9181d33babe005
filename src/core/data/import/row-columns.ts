import { columnsOf, FEATURE_ROLES } from './feature-roles.ts';
import type { PlannedFile } from './plan-types.ts';
import type { ClickRole, Role, SideRole } from './request.ts';

type EventRole = Exclude<SideRole, 'ignore'>;

/** A column of the table that the rows of interactions or of a click log are read into. */
export interface RowColumn {
  /** As in the table. */
  column: string;
  /** As in the file. */
  name: string;
  role: Exclude<Role, 'title'> | Exclude<ClickRole, 'ignore'>;
}

/**
 * Of interactions u, i, and where there are such columns r and t, then f0, f1 … for what describes them; of a click log c0, c1 …
 * in file order.
 */
export function rowColumns(file: PlannedFile): RowColumn[] {
  const { clicks, roles } = file;
  if (clicks !== null) {
    return columnsOf(file, 'label', 'time', ...FEATURE_ROLES).map((name, at) => {
      return { column: `c${at}`, name, role: clicks[name] as RowColumn['role'] };
    });
  }
  const ids = (['user', 'item', 'rating', 'time'] as const).flatMap((role) => {
    const name = roles[role];
    return name === undefined ? [] : [{ column: role[0], name, role }];
  });
  return [...ids, ...eventColumns(file)];
}

/** The columns that describe an interaction, in file order. */
export function eventColumns({ clicks, side }: PlannedFile): (RowColumn & { role: EventRole })[] {
  if (clicks !== null) return [];
  return Object.entries(side ?? {}).map(([name, role], at) => {
    return { column: `f${at}`, name, role: role as EventRole };
  });
}

/** Whether a row without an id is bad: without labels every row says that this user took this item. */
export function needsIds(file: PlannedFile): boolean {
  return file.clicks === null || columnsOf(file, 'label').length === 0;
}

/** A column's name in the data set, in small letters and without signs; `taken` are those that it may not have, and then has too. */
export function ownName(source: string, taken: Set<string>): string {
  let name = source.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}
