import { UserError } from '../../errors.ts';
import { ACTIONS } from '../actions.ts';
import type { SniffedFile } from '../formats/sniff.ts';
import {
  CLICK_ROLES,
  type ClickRole,
  columnError,
  type ImportOverrides,
  MAP_ROLES,
  NO_COLUMN,
  SIDE_ROLES,
  type SideRoles,
} from './request.ts';
import { bareName, isNumber, LABELS, rolesByName } from './roles.ts';

/** The role of every column of a click log. It has no prototype, so that a column may be called "constructor". */
export type ClickRoles = Record<string, ClickRole>;

function rolesOf(columns: readonly string[], role: (column: string) => ClickRole): ClickRoles {
  const roles: ClickRoles = Object.create(null);
  for (const column of columns) roles[column] = role(column);
  return roles;
}

/** Columns that are predicted from. */
export const FEATURE_ROLES: readonly ClickRole[] = ['dense', 'categorical', 'multi', 'user', 'item'];

/** Texts that stand for a missing number. */
export const MISSING_NUMBERS = ['', 'null', 'na', 'nan', 'none'] as const;

/** Columns of a click log that have these roles, in file order. */
export function columnsOf(
  { columns, clicks }: { columns: readonly string[]; clicks: ClickRoles | null },
  ...roles: readonly ClickRole[]
): string[] {
  return columns.filter((column) => clicks !== null && roles.includes(clicks[column]));
}

/** What is known only after the row was shown, so that it gives the label away. */
const OUTCOMES = [
  ...['cnt', 'playtimems', 'playtime', 'watchtime', 'watchratio', 'dwelltime'],
  ...['profilestaytime', 'commentstaytime'],
];
/** Different whole numbers of the sample from which on a column counts something and is no code. */
const COUNTS_FROM = 20;
/** Names of columns whose numbers are codes, however many there are. */
const CODE_NAME =
  /(^|[_\W])id$|Id$|^C\d+$|(city|country|region|zip|postcode|code|category|type|brand|gender)$/i;
const SINGLE: readonly ClickRole[] = ['user', 'item', 'time'];

/** Whether a file is a click log: it was said so, or it has a column that is a label by its name and its values. */
export function isClickLog(file: SniffedFile, overrides: ImportOverrides): boolean {
  if (overrides.kind !== 'auto') return overrides.kind === 'clicks';
  if (file.kind === 'sequences' || overrides.map.label === NO_COLUMN) return false;
  if (overrides.map.label !== undefined) return true;
  // Logs of actions such as is_click have sequences of users at least as much as labels; both can be requested.
  if (file.columns.some((column) => ACTIONS.some((action) => action.column === column))) return false;
  return labelColumn(file) !== undefined;
}

function labelColumn(file: SniffedFile): string | undefined {
  const name = LABELS.find((label) => file.columns.some((column) => bareName(column) === label));
  const column = file.columns.find((candidate) => bareName(candidate) === name);
  if (column === undefined) return undefined;
  return valuesOf(file, column).every((value) => /^(0|1|true|false)(\.0+)?$/i.test(value))
    ? column
    : undefined;
}

function valuesOf({ columns, rows }: SniffedFile, column: string): string[] {
  const at = columns.indexOf(column);
  return rows.map((row) => row[at]?.trim() ?? '').filter((value) => value !== '');
}

/**
 * The roles of a click log's columns: what names and values say, with the user's choice on top. Names of features may be
 * those of a side file instead (`checkNames`).
 * @throws UserError for a column that does not exist, or two columns for one user, item or time
 */
export function clickRoles(file: SniffedFile, { map }: ImportOverrides): ClickRoles {
  const roles = sniffRoles(file);
  for (const role of MAP_ROLES) {
    if (role === 'rating' || role === 'title') continue;
    const chosen = map[role];
    if (chosen === undefined) continue;
    const had = file.columns.filter((column) => roles[column] === role);
    // Numbers, categories and unused columns are added to; of the others the choice replaces what was sniffed.
    if (chosen === NO_COLUMN || SINGLE.includes(role) || role === 'label') {
      for (const column of had) roles[column] = role === 'label' ? 'ignore' : plainRole(file, column);
    }
  }
  // Exact names win over patterns, whatever their order.
  for (const exact of [false, true]) {
    for (const role of CLICK_ROLES) assign(file, role, map[role], exact, roles);
  }
  for (const role of SINGLE) {
    const [first, second] = file.columns.filter((column) => roles[column] === role);
    if (second !== undefined) {
      throw columnError(
        `${file.path}:1: two columns for the ${role}, ${first} and ${second}`,
        `name one with --map ${role}=COLUMN`,
      );
    }
  }
  return roles;
}

function assign(
  { path, columns }: SniffedFile,
  role: ClickRole,
  chosen: string | undefined,
  exact: boolean,
  roles: ClickRoles,
): void {
  if (chosen === undefined || chosen === NO_COLUMN) return;
  for (const part of columns.includes(chosen) ? [chosen] : chosen.split('+')) {
    const { matching, pattern } = matches(columns, part);
    if (matching.length === 0 && !SIDE_ROLES.some((known) => known === role)) {
      throw new UserError(
        `${path}:1: no column "${part}" for the role ${role}; its columns are ${columns.join(', ')}`,
      );
    }
    if (pattern !== exact) for (const column of matching) roles[column] = role;
  }
}

/** Columns that a name or a pattern of the map stands for, and whether it is a pattern. */
function matches(columns: readonly string[], part: string): { matching: string[]; pattern: boolean } {
  const named = columns.includes(part) ? [part] : columns.filter((name) => bareName(name) === bareName(part));
  const pattern = named.length === 0;
  return { matching: pattern ? columns.filter((name) => fits(name, part)) : named, pattern };
}

/** Throws UserError where the map gives a feature's role to a name that is no column of any of the files. */
export function checkNames(
  files: readonly Pick<SniffedFile, 'path' | 'columns'>[],
  map: ImportOverrides['map'],
) {
  for (const role of SIDE_ROLES) {
    const chosen = map[role];
    if (chosen === undefined || chosen === NO_COLUMN) continue;
    const whole = files.some(({ columns }) => columns.includes(chosen));
    for (const part of whole ? [chosen] : chosen.split('+')) {
      if (files.some(({ columns }) => matches(columns, part).matching.length > 0)) continue;
      const [first, ...others] = files;
      const further = others.map(({ path, columns }) => `; those of ${path} are ${columns.join(', ')}`);
      throw new UserError(
        `${first.path}:1: no column "${part}" for the role ${role}; its columns are ${first.columns.join(', ')}${further.join('')}`,
      );
    }
  }
}

/** Whole numbers with at most so many different values in the sample are codes in a side file, such as an age band. */
const SIDE_COUNTS_FROM = 100;
/** Several whole numbers in one field, such as KuaiRand's tags. */
export const NUMBER_LIST = /^\d+(,\d+)+$/;

/**
 * The meaning of the side columns of a file that describes items or users: what header, names and values say, with the
 * user's choice on top. The columns in `apart` (the id, the title) are none.
 */
export function sideRoles(
  file: SniffedFile,
  apart: readonly (string | undefined)[],
  map: ImportOverrides['map'],
): SideRoles {
  const columns = file.columns.filter((column) => !apart.includes(column));
  const roles = rolesOf(columns, (column) => sideRole(file, column));
  for (const exact of [false, true]) {
    for (const role of SIDE_ROLES) assign({ ...file, columns }, role, map[role], exact, roles);
  }
  return roles as SideRoles;
}

/** The further columns of a file of interactions that the map names, which are kept as features of events; null where there are none. */
export function eventRoles(
  file: SniffedFile,
  apart: readonly (string | undefined)[],
  map: ImportOverrides['map'],
): SideRoles | null {
  const columns = file.columns.filter((column) => !apart.includes(column));
  const roles = rolesOf(columns, () => 'ignore');
  for (const exact of [false, true]) {
    for (const role of SIDE_ROLES) assign({ ...file, columns }, role, map[role], exact, roles);
  }
  const kept = columns.filter((column) => roles[column] !== 'ignore');
  return kept.length === 0
    ? null
    : (Object.fromEntries(kept.map((column) => [column, roles[column]])) as SideRoles);
}

function sideRole(file: SniffedFile, column: string): ClickRole {
  if (file.sequences?.includes(column)) return 'multi';
  const values = valuesOf(file, column);
  const lists = values.filter((value) => NUMBER_LIST.test(value));
  if (lists.length * 10 > values.length) return 'multi';
  const role = plainRole(file, column);
  if (role !== 'dense' || values.some((value) => !Number.isInteger(Number(value)))) return role;
  const code = /(^|_)(feat|tag|status|level)\d*$/i.test(column);
  return code || new Set(values).size <= SIDE_COUNTS_FROM ? 'categorical' : 'dense';
}

/** "C*" fits C1, C2 … */
function fits(column: string, pattern: string): boolean {
  const [start, ...rest] = pattern.split('*');
  if (rest.length !== 1) return false;
  return (
    column.length >= start.length + rest[0].length && column.startsWith(start) && column.endsWith(rest[0])
  );
}

function sniffRoles(file: SniffedFile): ClickRoles {
  const { columns } = file;
  const avazu = ['click', 'hour', 'banner_pos', 'site_id'].every((name) => columns.includes(name));
  const known = rolesByName(columns);
  const label = labelColumn(file);
  return rolesOf(columns, (column) => {
    if (column === label || ACTIONS.some((action) => action.column === column)) return 'label';
    if (OUTCOMES.includes(bareName(column))) return 'ignore';
    if (avazu) return column === 'hour' ? 'time' : column === 'id' ? 'ignore' : 'categorical';
    if (column === known.user) return 'user';
    if (column === known.item) return 'item';
    if (column === known.time) return 'time';
    return isRowNumber(file, column) ? 'ignore' : plainRole(file, column);
  });
}

/** What the values alone say. */
function plainRole(file: SniffedFile, column: string): ClickRole {
  const values = valuesOf(file, column);
  if (values.length === 0) return /^I\d+$/.test(column) ? 'dense' : 'categorical';
  const lists = values.filter((value) => /^[^|]+(\|[^|]+)+$/.test(value) || /^\[.*\]$/.test(value));
  if (lists.length * 10 > values.length) return 'multi';
  if (!values.every(isNumber) || CODE_NAME.test(column)) return 'categorical';
  // Criteo's counts stay numbers even where the sample has few different ones.
  if (/^I\d+$/.test(column) || values.some((value) => !Number.isInteger(Number(value)))) return 'dense';
  return new Set(values).size >= COUNTS_FROM ? 'dense' : 'categorical';
}

/** A different value in every row, under a name that says it numbers them. */
function isRowNumber(file: SniffedFile, column: string): boolean {
  if (!['id', 'rowid', 'index', 'rownumber', 'column1'].includes(bareName(column))) return false;
  const values = valuesOf(file, column);
  return values.length > 2 && new Set(values).size === values.length;
}
