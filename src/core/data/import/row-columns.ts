import { columnsOf, FEATURE_ROLES } from './feature-roles.ts';
import type { PlannedFile } from './plan-types.ts';
import type { ClickRole, Role } from './request.ts';

/** A column of the table that the rows of interactions or of a click log are read into. */
export interface RowColumn {
  /** As in the table. */
  column: string;
  /** As in the file. */
  name: string;
  role: Exclude<Role, 'title'> | Exclude<ClickRole, 'ignore'>;
}

/** Of interactions u, i, and where there are such columns r and t; of a click log c0, c1 … in file order. */
export function rowColumns(file: PlannedFile): RowColumn[] {
  const { clicks, roles } = file;
  if (clicks !== null) {
    return columnsOf(file, 'label', 'time', ...FEATURE_ROLES).map((name, at) => {
      return { column: `c${at}`, name, role: clicks[name] as RowColumn['role'] };
    });
  }
  return (['user', 'item', 'rating', 'time'] as const).flatMap((role) => {
    const name = roles[role];
    return name === undefined ? [] : [{ column: role[0], name, role }];
  });
}

/** Whether a row without an id is bad: without labels every row says that this user took this item. */
export function needsIds(file: PlannedFile): boolean {
  return file.clicks === null || columnsOf(file, 'label').length === 0;
}
