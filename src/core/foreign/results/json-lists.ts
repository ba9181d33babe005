/** Lists that programs write one a user as JSON: records, runs of ranx, lists by user, one document or one a line. */
import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import { type ExactJson, type ExactObject, NumberText, parseExactJson } from '../../files/exact-json.ts';
import { linesOf } from '../../files/lines.ts';
import {
  isNamed,
  namesList,
  namesOther,
  PART_ROLES,
  type Part,
  type ResultRole,
  type RoleMap,
} from './columns.ts';
import { type Given, type GivenRow, twoLists } from './given-rows.ts';

/** An item of a list, and its numbers as it has them; `value`: one without a name. */
interface Packed {
  item: ExactJson;
  score?: ExactJson;
  rank?: ExactJson;
  value?: ExactJson;
}

interface PackedList {
  /** Whether it is one item of a user, whose others stand in entries of their own. */
  isRow: boolean;
  user: string;
  part: Part;
  items: Packed[];
}

/** What a number without a name is called where a user says what it is. */
export const UNNAMED = 'value';

const isRecord = (value: ExactJson | undefined): value is ExactObject => value instanceof Map;
const textOf = (value: ExactJson | undefined) =>
  value instanceof NumberText ? value.text : typeof value === 'string' ? value : undefined;

/** Whether a text file begins as JSON with lists, and not with one row a line. */
export function packsJson(text: string, map: RoleMap = {}): boolean {
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (!/^[[{]/.test(start)) return false;
  const keys = start.slice(0, 2000).matchAll(/"([^"]+)"\s*:/g);
  const namesUser = [...keys].some(([, key]) => key === map.user || isNamed('user', key));
  if (start.startsWith('[')) return namesUser;
  const first = parseExactJson(start.split(/\r?\n/, 1)[0]);
  // Such a line goes on, beyond the sample or on the next one: it is no row.
  if (!isRecord(first)) return namesUser || /^\{\s*"[^"]*"\s*:\s*[[{]/.test(start);
  const record = opened(first, map);
  if (userOf(record, map) === undefined) return first.size > 0 && [...first.values()].every(isList);
  return [...record.values()].some(isList) && !isRow(record);
}

const isList = (value: ExactJson) => isRecord(value) || Array.isArray(value);

/** Whether a record is one item of a user, whatever else stands beside it. */
function isRow(record: ExactObject): boolean {
  const has = (...roles: ResultRole[]) =>
    [...record].some(
      ([key, value]) => textOf(value) !== undefined && roles.some((role) => isNamed(role, key)),
    );
  const lists = [...record].some(([key, value]) => isList(value) && namesList(key));
  return !lists && has('item') && has('score', 'rank');
}

/**
 * Gives the rows of a file, and what is known of them once all are read. Throws UserError, which names `path`, for what is no list of a
 * user, for lists that differ in what orders them, and for a document, or a line, of more than `most` bytes: more are no text of Node.
 */
export function jsonRows(
  path: string,
  plain: string,
  map: RoleMap,
  most: number = constants.MAX_STRING_LENGTH,
): { rows: AsyncIterable<GivenRow>; given(): Given } {
  let order: Order | undefined;
  async function* rows() {
    let entry = 0;
    const listed = new Set<string>();
    for await (const { isRow, user, part, items } of listsIn(path, plain, map, most)) {
      entry++;
      const whose = JSON.stringify([user, part]);
      if (!isRow && listed.has(whose)) throw twoLists(path, user);
      if (!isRow) listed.add(whose);
      for (const [place, packed] of items.entries()) {
        const own = orderOf(packed);
        order ??= own;
        if (own !== order)
          throw new UserError(
            `${path}: list ${entry} has ${ORDERS[own].told}, and lists before it have ${ORDERS[order].told}; write all lists alike`,
          );
        const rank = order === 'place' ? place + 1 : numberOf(packed.rank);
        const item = textOf(packed.item) ?? null;
        yield { user, part, item, score: numberOf(packed.score ?? packed.value), rank };
      }
    }
  }
  const given = () => ({
    columns: { user: 'user', item: 'item', ...ORDERS[order ?? 'place'].columns },
    unnamed: order === 'value',
  });
  return { rows: rows(), given };
}

/** What orders the items of a list: as messages say it, and as columns. */
const ORDERS = {
  place: { told: 'items alone', columns: { rank: 'rank' } },
  value: { told: 'items with a number', columns: { score: UNNAMED } },
  score: { told: 'scores', columns: { score: 'score' } },
  rank: { told: 'ranks', columns: { rank: 'rank' } },
  both: { told: 'scores and ranks', columns: { score: 'score', rank: 'rank' } },
};
type Order = keyof typeof ORDERS;

function orderOf({ score, rank, value }: Packed): Order {
  if (score !== undefined && rank !== undefined) return 'both';
  if (score !== undefined) return 'score';
  return rank !== undefined ? 'rank' : value !== undefined ? 'value' : 'place';
}

const numberOf = (value: ExactJson | undefined) => Number(textOf(value)?.trim() || Number.NaN);

/** Of lines with a record each, or of one document: a list of records, lists by user, or these by model. */
async function* listsIn(
  path: string,
  plain: string,
  map: RoleMap,
  most: number,
): AsyncGenerator<PackedList, undefined> {
  const tooLong = () => {
    const problem = `one JSON document of more than ${Math.floor(most / 2 ** 20)} MiB cannot be read`;
    return new UserError(`${path}: ${problem}; write a line of JSON for each user`);
  };
  async function* chunks() {
    let line = 0;
    for await (const chunk of createReadStream(plain) as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf('\n');
      line = end < 0 ? line + chunk.length : chunk.length - end;
      if (line > most) throw tooLong();
      yield chunk;
    }
  }
  const whole: string[] = [];
  let [number, length] = [0, 0];
  for await (const line of linesOf(chunks())) {
    number++;
    if (line.trim() === '') continue;
    const record = whole.length === 0 ? parseExactJson(line.replace(/^\ufeff/, '')) : undefined;
    if (isRecord(record) && userOf(opened(record, map), map) !== undefined)
      yield recordList(path, record, number, map);
    else if (number === 1 || whole.length > 0) {
      length += line.length + 1;
      if (length > most) throw tooLong();
      whole.push(line);
    } else throw new UserError(`${path}:${number}: no list of a user`);
  }
  if (whole.length === 0) return;
  const document = parseExactJson(whole.join('\n').replace(/^\ufeff/, ''));
  if (Array.isArray(document))
    for (const [at, record] of document.entries()) yield recordList(path, record, at + 1, map);
  else if (isRecord(document)) yield* listsByUser(path, document, map);
  else throw new UserError(`${path}: cannot be read as JSON; write ${extname(path) || 'it'} again`);
}

function* listsByUser(path: string, document: ExactObject, map: RoleMap): Generator<PackedList> {
  const values = [...document.values()];
  const isByModel = values.length > 0 && values.every((value) => isRecord(value) && isByUser(value));
  for (const [key, list] of document) {
    if (!isByModel) yield listOf(path, key, list, map);
    else for (const [user, own] of list as ExactObject) yield listOf(path, user, own, map, { model: key });
  }
}

/** Whether the values of an object are lists of users, and not what is known of the items of one. */
function isByUser(value: ExactObject): boolean {
  const inner = [...value];
  return (
    inner.length > 0 && inner.every(([key, own]) => isList(own) && !namesList(key) && !isNamed('score', key))
  );
}

/** The list of a user in a document of lists by user: ids, scores by id, or a record without the user. */
function listOf(path: string, user: string, list: ExactJson, map: RoleMap, part: Part = {}): PackedList {
  const isNamedRecord =
    isRecord(list) &&
    [...list].some(([key, own]) => Array.isArray(own) && (namesList(key) || key === map.item));
  const { items } = isNamedRecord
    ? itemsOfRecord(path, list, `the list of "${user}"`, map)
    : { items: itemsOf(list, map) };
  return { isRow: false, user, part, items };
}

function recordList(path: string, value: ExactJson, number: number, map: RoleMap): PackedList {
  const record = isRecord(value) ? opened(value, map) : new Map();
  const user = userOf(record, map);
  if (user === undefined) throw new UserError(`${path}: entry ${number} does not say whose list it is`);
  const parts = PART_ROLES.map((role) => [role, textOf(valueIn(record, role, map))]);
  const part = Object.fromEntries(parts.filter(([, text]) => text !== undefined)) as Part;
  return { user, part, ...itemsOfRecord(path, record, `entry ${number}`, map) };
}

/** What stands under the name that a user gave a role, or under one of its own. */
function valueIn(
  record: ExactObject,
  role: ResultRole,
  map: RoleMap,
  isIt: (value: ExactJson, key: string) => boolean = () => true,
): ExactJson | undefined {
  const own = map[role];
  const isCalled = (key: string) => (own === undefined ? isNamed(role, key) : key === own);
  return [...record].find(([key, value]) => isCalled(key) && isIt(value, key))?.[1];
}

/** A record whose user stands within a part of it, with the values of its parts. */
function opened(record: ExactObject, map: RoleMap): ExactObject {
  if (userOf(record, map) !== undefined) return record;
  return new Map([...record.values()].filter(isRecord).flatMap((inner) => [...inner]));
}

const userOf = (record: ExactObject, map: RoleMap) => textOf(valueIn(record, 'user', map));

/** The items of a record: the list that names say it is, the only one that there is, or the record itself as a row. */
function itemsOfRecord(path: string, record: ExactObject, where: string, map: RoleMap) {
  const key = listKey(path, record, where, map);
  if (key === null) return { isRow: true, items: itemsOf([record], map) };
  const list = record.get(key) ?? null;
  const scores = valueIn(record, 'score', map, (own, other) => other !== key && Array.isArray(own));
  if (Array.isArray(scores) && Array.isArray(list) && scores.length !== list.length)
    throw new UserError(
      `${path}: ${where} has ${list.length} items and ${scores.length} scores; write one for each`,
    );
  return { isRow: false, items: itemsOf(list, map, Array.isArray(scores) ? scores : undefined) };
}

/** The key of the list; null where a record has none. Throws UserError where two may be it. */
function listKey(path: string, record: ExactObject, where: string, map: RoleMap): string | null {
  if (map.item !== undefined && record.has(map.item))
    return isList(record.get(map.item) ?? null) ? map.item : null;
  if (isRow(record)) return null;
  const lists = [...record].filter(([, value]) => isList(value)).map(([key]) => key);
  const named = lists.filter(namesList);
  const plain = lists.filter((key) => !isNamed('score', key) && key !== map.score && !namesOther(key));
  const candidates =
    named.length > 0 ? named : plain.length > 0 ? plain : lists.filter((key) => isRecord(record.get(key)));
  if (candidates.length > 1)
    throw new UserError(
      `${path}: ${where} has the lists "${candidates[0]}" and "${candidates[1]}"; say which are the recommendations with --map item=${candidates[0]}`,
    );
  if (candidates.length === 0 && lists.some(namesOther))
    throw new UserError(`${path}: ${where} has no list of recommendations; name it with --map item=KEY`);
  return candidates[0] ?? null;
}

/** Ids, pairs of id and number, records, or numbers by id. */
function itemsOf(list: ExactJson, map: RoleMap, scores?: readonly ExactJson[]): Packed[] {
  const number = map.rank === UNNAMED ? 'rank' : map.score === UNNAMED ? 'score' : 'value';
  if (isRecord(list)) return [...list].map(([item, value]) => ({ item, [number]: value }));
  if (!Array.isArray(list)) return [{ item: list }];
  return list.map((one, at): Packed => {
    if (Array.isArray(one)) return { item: one[0] ?? null, [number]: one[1] };
    if (!isRecord(one)) return { item: one, score: scores?.[at] };
    const of = (role: 'item' | 'score' | 'rank') => valueIn(one, role, one.has(map[role] ?? '') ? map : {});
    return { item: of('item') ?? null, score: of('score'), rank: of('rank') };
  });
}
