import { UserError } from '../../errors.ts';
import { type ImportOverrides, NO_COLUMN, ROLES, type Role, type TimeUnit } from './request.ts';

/** Names seen in public data sets, best first; compared in lower case without punctuation. */
const NAMES: Record<Role, string[]> = {
  user: words(`user userid uid reviewerid customerid memberid profileid accountid authorid
    visitorid clientid username sessionid session playlistid`),
  item: words(`item itemid iid movieid movie videoid parentasin asin productid product bookid
    isbn trackid songid artistid gameid animeid businessid gmapid articleid newsid recipeid beerid appid sku`),
  rating: words('rating ratings overall stars starrating score bookrating reviewoverall'),
  time: words(`timestamp unixreviewtime timems unixtime ts eventtime time createdat datetime
    reviewtime date reviewdate`),
  title: words('title movietitle itemtitle productname booktitle videotitle name itemname caption'),
};

function words(text: string): string[] {
  return text.split(/\s+/);
}

/** Names of the label of a click log. */
export const LABELS = ['label', 'labels', 'click', 'clicked', 'isclick', 'clk'];

export type Columns = Partial<Record<Role, string>>;

/** In lower case without punctuation. */
export function bareName(column: string): string {
  return column.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Roles that the column names give away. */
export function rolesByName(columns: readonly string[]): Columns {
  const bare = columns.map(bareName);
  const roles: Columns = {};
  for (const role of Object.keys(NAMES) as Role[]) {
    const name = NAMES[role].find((candidate) => bare.includes(candidate));
    if (name !== undefined) roles[role] = columns[bare.indexOf(name)];
  }
  return roles;
}

/** Whether a first line looks like column names: a known name, or text above numbers. */
export function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = rows;
  if (first === undefined || first.some((field) => isNumber(field))) return false;
  // Tables written with their row numbers have a column without a name.
  if (Object.keys(rolesByName(first)).length > 0) return true;
  if (first.some((name) => LABELS.includes(bareName(name)))) return true;
  if (new Set(first).size < first.length) return false;
  if (first.includes('')) return false;
  return rest.length > 0 && first.some((_, column) => rest.every((row) => isNumber(row[column] ?? '')));
}

/** Roles of an unnamed table by position: user, item, then what looks like a rating and a time. */
export function rolesByPosition(columns: readonly string[], rows: readonly (readonly string[])[]): Columns {
  if (columns.length < 2) return {};
  const roles: Columns = { user: columns[0], item: columns[1] };
  for (let column = 2; column < columns.length; column++) {
    const values = rows.map((row) => row[column] ?? '').filter((value) => value !== '');
    if (values.length === 0) continue;
    if (roles.time === undefined && mostly(values, isInstant)) roles.time = columns[column];
    else if (roles.rating === undefined && roles.time === undefined && mostly(values, isNumber)) {
      roles.rating = columns[column];
    }
  }
  return roles;
}

/** Sniffed roles with the user's choice on top. Throws UserError for a column that does not exist. */
export function applyMap(
  sniffed: Columns,
  columns: readonly string[],
  map: ImportOverrides['map'],
  file: string,
) {
  const roles: Columns = { ...sniffed };
  for (const role of ROLES) {
    const column = map[role];
    if (column === undefined) continue;
    if (column === NO_COLUMN) {
      delete roles[role];
      continue;
    }
    const found =
      columns.find((name) => name === column) ?? columns.find((name) => bareName(name) === bareName(column));
    if (found === undefined) {
      throw new UserError(
        `${file}:1: no column "${column}" for the ${role}; its columns are ${columns.join(', ')}`,
      );
    }
    for (const other of Object.keys(roles) as Role[]) if (roles[other] === found) delete roles[other];
    roles[role] = found;
  }
  return roles;
}

/** Unit of a time column by the size or shape of its values. */
export function sniffTimeUnit(values: readonly string[]): TimeUnit {
  const numbers = values.filter(isNumber).map((value) => Math.abs(Number(value)));
  if (numbers.length === 0 || numbers.length * 2 < values.length) {
    return values.some((value) => Number.isFinite(Date.parse(value))) ? 'date' : 'seconds';
  }
  if (values.every(isAvazuHour)) return 'yymmddhh';
  const median = numbers.sort((a, b) => a - b)[numbers.length >> 1];
  if (median < 1e11) return 'seconds';
  if (median < 1e14) return 'milliseconds';
  return median < 1e17 ? 'microseconds' : 'nanoseconds';
}

/** Hours of 2010 to 2039; as Unix seconds they would all lie in 1970. */
function isAvazuHour(text: string): boolean {
  return /^[1-3]\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])$/.test(text.trim());
}

export function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** Unix time from 1990 on in any unit, or a date. */
function isInstant(text: string): boolean {
  return isNumber(text) ? Number(text) > 6e8 : /^\d{4}-\d\d-\d\d/.test(text.trim());
}

function mostly(values: readonly string[], test: (value: string) => boolean): boolean {
  return values.filter(test).length * 2 > values.length;
}
