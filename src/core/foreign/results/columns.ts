/** Which columns of a file of recommendations are what, under the names that other programs use. */
import { UserError } from '../../errors.ts';

/** What is done with a file, in this order. */
export const RESULT_PHASES = {
  read: 'Reading the file',
  measure: 'Measuring the lists',
  save: 'Saving the runs',
} as const;
export type ResultPhase = keyof typeof RESULT_PHASES;

/** How far it is: of the results of a file those that are done with, and which is next. */
export interface ResultProgress {
  phase: ResultPhase;
  result?: string;
  done?: number;
  total?: number;
}

/** What tells several results in one file apart. */
export const PART_ROLES = ['model', 'fold', 'seed'] as const;
export type PartRole = (typeof PART_ROLES)[number];

/** Model, fold and seed of one of the results in a file. */
export type Part = Partial<Record<PartRole, string>>;

/** The key of a part; null for one that names nothing. */
export function partKey(part: Part = {}): string | null {
  return Object.values(part).some((value) => value !== undefined)
    ? JSON.stringify(PART_ROLES.map((role) => part[role] ?? null))
    : null;
}

export function partOf(key: string | null): Part {
  const values = key === null ? [] : (JSON.parse(key) as (string | null)[]);
  return Object.fromEntries(
    PART_ROLES.flatMap((role, at) => (values[at] == null ? [] : [[role, values[at]]])),
  );
}

/** What makes a list. */
export const LIST_ROLES = ['user', 'item', 'score', 'rank'] as const;
/** What a column can be. */
export const RESULT_ROLES = [...LIST_ROLES, ...PART_ROLES] as const;
export type ResultRole = (typeof RESULT_ROLES)[number];
export type RoleMap = Partial<Record<ResultRole, string>>;

const words = (text: string): readonly string[] => text.split(' ');

/** Of RecBole, RecTools, Elliot, Cornac, LensKit, Surprise, Spark, PyTerrier, ranx, TREC and of what people write by hand; without case and punctuation. */
const NAMES: Record<ResultRole | 'distance' | 'list' | 'other', readonly string[]> = {
  user: words(
    'user userid uid u query queryid qid visitor visitorid customer customerid usercol usr session sessionid member memberid',
  ),
  item: words(
    'item itemid iid i doc docid docno movie movieid product productid asin parentasin video videoid track trackid article articleid itemcol book bookid isbn song songid artist artistid news newsid sku',
  ),
  score: words(
    'score scores rating prediction pred predicted relevance rel weight value est estimate estimatedrating predictedrating similarity probability',
  ),
  rank: words('rank position pos place order'),
  model: words('model modelname algorithm algo method recommender approach'),
  fold: words('fold cvfold ifold foldid'),
  seed: words('seed randomseed randomstate'),
  /** The smaller, the better. */
  distance: words('distance distances dist'),
  /** Of a whole list, whatever its values are. */
  list: words(
    'recommendation recommendations recommended recommendeditems recs rec topk topn topkitems top predictions prediction preds predicteditems items ranking rankedlist recommendedlist',
  ),
  /** Of other lists that stand beside one of recommendations. */
  other: words(
    'history target targets label labels truth groundtruth seen train test input inputs sequence positives negatives',
  ),
};

/** Names that win over others of the same role: those of PyTerrier's frames, which number documents and repeat queries besides. */
const FIRST = words('qid docno');

const plain = (name: string) => name.toLowerCase().replaceAll(/:.*$|[^a-z0-9]/g, '');

/** Whether a column, or a key of lists, is called so. */
export function isNamed(role: ResultRole, name: string): boolean {
  const own = plain(name);
  return NAMES[role].includes(own) || NAMES[role].includes(own.replace(/s$/, ''));
}

/** Whether a column or key is called as lists of recommendations are. */
export const namesList = (name: string): boolean =>
  NAMES.list.includes(plain(name).replace(/\d+$/, '')) || isNamed('item', name);

/** Whether a list is called as those are that are none of recommendations. */
export const namesOther = (name: string): boolean => NAMES.other.includes(plain(name));

export interface ResultColumns extends Partial<Record<PartRole, string>> {
  user: string;
  item: string;
  score?: string;
  rank?: string;
}

/** A column that could be what orders the lists. */
export interface Reading {
  role: 'score' | 'rank';
  column: string;
}

/** Of a file whose users and items are known: the columns that could be the order, where several are called alike; else none. */
export function orderReadings(columns: readonly string[]): Reading[] {
  const named = (role: ResultRole) => columns.filter((column) => NAMES[role].includes(plain(column)));
  if (named('user').length !== 1 || named('item').length !== 1) return [];
  const [scores, ranks] = [named('score'), named('rank')];
  if (scores.length < 2 && ranks.length < 2) return [];
  return [
    ...scores.map((column): Reading => ({ role: 'score', column })),
    ...ranks.map((column): Reading => ({ role: 'rank', column })),
  ];
}

/** What is to be known of columns before they are named. */
export interface NamedColumns {
  columns: readonly string[];
  /** Whether they are named by their place alone. */
  nameless: boolean;
}

/** A line of a file that is no row of it. */
export const notARow = (path: string, line: number | string, columns: readonly string[]) =>
  new UserError(noRow(path, line, columns));

export const noRow = (path: string, line: number | string, columns: readonly string[]) =>
  `${path}:${line}: the line does not have the columns ${columns.join(', ')}`;

/**
 * The columns of a file by role. Three without names are taken for user, item and score. With `ascending` a distance is a score. Throws
 * UserError where one is missing, named twice, or not there.
 */
export function resultColumns(
  path: string,
  { columns, nameless }: NamedColumns,
  map: RoleMap,
  ascending = false,
): ResultColumns {
  const unnamed: RoleMap =
    nameless && columns.length === 3 ? { user: columns[0], item: columns[1], score: columns[2] } : {};
  const isDistance = (column: string) => NAMES.distance.includes(plain(column));
  const found: RoleMap = {};
  for (const role of RESULT_ROLES) {
    const given = map[role];
    if (given !== undefined && !columns.includes(given))
      throw new UserError(`${path}: there is no column "${given}"; there are: ${columns.join(', ')}`);
    const all = columns.filter(
      (column) =>
        NAMES[role].includes(plain(column)) || (role === 'score' && ascending && isDistance(column)),
    );
    const first = all.filter((column) => FIRST.includes(plain(column)));
    const named = first.length > 0 ? first : all;
    if (given === undefined && named.length > 1)
      throw new UserError(
        `${path}: both "${named[0]}" and "${named[1]}" could be the ${role}; say which with --map ${role}=COLUMN`,
      );
    const column = given ?? named[0] ?? unnamed[role];
    if (column !== undefined) found[role] = column;
  }
  const { user, item, score, rank } = found;
  if (user !== undefined && item !== undefined && (score ?? rank) !== undefined)
    return { ...found, user, item };
  const distance = columns.find(isDistance);
  if (user !== undefined && item !== undefined && distance !== undefined)
    throw new UserError(
      `${path}: "${distance}" looks like a distance, of which the smallest is the best; say --ascending`,
    );
  const missing = user === undefined ? 'the user' : item === undefined ? 'the item' : 'the score or the rank';
  throw new UserError(
    `${path}: no column is ${missing}; there are: ${columns.join(', ')}; name it with --map ${missing.split(' ')[1]}=COLUMN`,
  );
}
