import { UserError } from '../../errors.ts';
import { clip } from '../../names.ts';
import type { PlannedFile } from '../import/plan-types.ts';
import { CLICK_ROLES, type ClickRole, columnFix } from '../import/request.ts';

/** Columns that are predicted from. */
export const FEATURE_ROLES: readonly ClickRole[] = ['dense', 'categorical', 'multi', 'user', 'item'];

/** A wider log would take minutes even with few rows. */
const MAX_COLUMNS = 2000;

/** Columns of a role, in file order. */
export function columnsOf({ columns, clicks }: PlannedFile, ...roles: ClickRole[]): string[] {
  return columns.filter((column) => clicks !== null && roles.includes(clicks[column]));
}

/** Throws UserError where a click log has nothing to predict or to predict from, or its files do not go together. */
export function checkClicks([first, ...others]: readonly PlannedFile[]): void {
  const found = clip(first.columns.join(', '), 300);
  if (columnsOf(first, 'label').length === 0 && columnsOf(first, 'user', 'item').length < 2) {
    throw new UserError({
      code: 'bad-columns',
      problem: `${first.path}:1: no label column among ${found}`,
      fix: columnFix(
        'name it with --map label=COLUMN, or user and item columns, against whose rows negatives are sampled',
      ),
    });
  }
  if (columnsOf(first, ...FEATURE_ROLES).length === 0) {
    throw new UserError({
      code: 'bad-columns',
      problem: `${first.path}:1: no column to predict from among ${found}`,
      fix: columnFix('name some with --map categorical=COLUMN+COLUMN'),
    });
  }
  const used = columnsOf(first, 'label', 'time', ...FEATURE_ROLES).length;
  if (used > MAX_COLUMNS) {
    const problem = `${first.path}:1: ${used} columns; a click log may have ${MAX_COLUMNS}`;
    throw new UserError({
      code: 'bad-columns',
      problem,
      fix: columnFix('leave some out with --map ignore=COLUMN+COLUMN'),
    });
  }
  const meaning = (file: PlannedFile) =>
    JSON.stringify(CLICK_ROLES.filter((role) => role !== 'ignore').map((role) => columnsOf(file, role)));
  const other = others.find((file) => meaning(file) !== meaning(first));
  if (other !== undefined) {
    throw new UserError(
      `${first.path} and ${other.path}: click logs with different columns; import one of them by its file name`,
    );
  }
}
