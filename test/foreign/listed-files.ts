/**
 * Files of recommendations as programs write them, each with one oddity, and what they mean by a reckoning of its own: brute force over the
 * lists from which a file is written, which shares nothing with the program that reads it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { withDuck } from '../../src/core/data/duck.ts';
import { npyFile } from '../fixtures/npy-file.ts';

/** What is held out of a data set, by the ids of its files. */
export interface HeldOut {
  /** Candidates. */
  items: readonly string[];
  users: readonly { id: string; target: string; history: ReadonlySet<string> }[];
}

type Listed = { item: string; score: number; rank: number };
type Lists = Map<string, Listed[]>;

/** The lists of each result that a file holds: by its model, or of one without a name. */
export type Written = Map<string | null, Lists>;

export interface ListedFile {
  path: string;
  format: string;
  oddity: string;
  /** What a user says besides. */
  options: { map?: Record<string, string>; candidates?: 'all' | 'sampled'; ascending?: boolean };
  written: Written;
  /** What a refusal must match; null where a file is read. */
  refused: RegExp | null;
}

/** Of one result: what it comes to at each cut-off that is known, with ties against the target. */
export interface Reckoned {
  metrics: Record<string, number>;
  facts: {
    withoutList: number;
    withHistory: number;
    missed: number;
    unknownItems: number;
    unknownUsers: number;
  };
}

/** mulberry32 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Rand = () => number;
const pick = <T>(rand: Rand, values: readonly T[]): T => values[Math.floor(rand() * values.length)];
function shuffled<T>(rand: Rand, values: readonly T[]): T[] {
  return values
    .map((value) => [rand(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

const ODDITIES = [
  ...['none', 'user missing', 'item missing', 'ties', 'empty list', 'two models', 'rows in any order'],
  ...['history', 'sampled', 'repeated rows', 'unknown ids', 'short lists', 'ranks against scores', 'counted'],
] as const;
type Oddity = (typeof ODDITIES)[number];

/** A file of some lists, from the numbers of `rand`. */
export async function listedFile(folder: string, heldOut: HeldOut, rand: Rand): Promise<ListedFile> {
  const oddity = pick(rand, ODDITIES);
  const length = pick(rand, [1, 5, 10, 20, heldOut.items.length]);
  const models = oddity === 'two models' ? ['BPR', 'kNN'] : [null];
  const written: Written = new Map(models.map((model) => [model, madeLists(heldOut, oddity, length, rand)]));
  if (oddity === 'empty list' && rand() < 0.5) written.get(null)?.set(heldOut.users[0].id, []);
  const able = FORMATS.filter(({ can }) => can(oddity, written));
  const format = pick(rand, able);
  const path = join(folder, `lists${format.ending}`);
  const file = { path, format: format.name, oddity, options: {}, written, refused: null };
  return { ...file, ...(await format.write(path, written, { rand, oddity, heldOut })) };
}

function madeLists({ items, users }: HeldOut, oddity: Oddity, length: number, rand: Rand): Lists {
  const lists: Lists = new Map();
  const gone = pick(rand, items);
  const absent = Math.floor(rand() * users.length);
  for (const [at, { id, target, history }] of users.entries()) {
    if (oddity === 'user missing' && at === absent) continue;
    const free = items.filter((item) => oddity === 'history' || item === target || !history.has(item));
    const candidates = oddity === 'item missing' ? free.filter((item) => item !== gone) : free;
    const ordered = shuffled(rand, candidates);
    // A model that finds something: the target is brought forward for some.
    const front = rand() < 0.4 ? [target, ...ordered.filter((item) => item !== target)] : ordered;
    const sampled =
      oddity === 'sampled'
        ? shuffled(rand, [target, ...ordered.filter((item) => item !== target).slice(0, 19)])
        : front;
    const short = oddity === 'short lists' && rand() < 0.3 ? Math.ceil(rand() * length) : length;
    const kept = sampled.slice(0, oddity === 'sampled' ? 20 : short);
    if (oddity === 'unknown ids') kept.splice(Math.floor(rand() * kept.length), 0, 'nothing-of-ours');
    lists.set(
      oddity === 'unknown ids' && at === absent ? 'nobody-of-ours' : id,
      numbered(kept, oddity, rand),
    );
  }
  if (oddity === 'empty list') lists.set(users[absent].id, []);
  return lists;
}

function numbered(items: readonly string[], oddity: Oddity, rand: Rand): Listed[] {
  const ties = oddity === 'ties';
  return items.map((item, at) => {
    const step = ties ? Math.floor(at / 3) : at;
    const score = ties ? 10 - step : 100 - step - rand() / 2;
    const rank = oddity === 'ranks against scores' ? items.length - at : step + 1;
    return { item, score, rank };
  });
}

interface Writing {
  rand: Rand;
  oddity: Oddity;
  heldOut: HeldOut;
}

type Said = Partial<Pick<ListedFile, 'options' | 'refused' | 'written'>>;

interface Format {
  name: string;
  ending: string;
  can(oddity: Oddity, written: Written): boolean;
  write(path: string, written: Written, how: Writing): Promise<Said>;
}

type Row = Listed & { user: string; model: string | null };

function rowsOf(written: Written, { rand, oddity }: Writing): Row[] {
  const rows = [...written].flatMap(([model, lists]) =>
    [...lists].flatMap(([user, list]) => list.map((one): Row => ({ ...one, user, model }))),
  );
  if (oddity === 'repeated rows')
    rows.push(...rows.slice(0, 7).map((row) => ({ ...row, score: row.score - 200, rank: row.rank + 200 })));
  return oddity === 'rows in any order' ? shuffled(rand, rows) : rows;
}

const byRows =
  (...not: Oddity[]) =>
  (oddity: Oddity) =>
    oddity !== 'counted' && !not.includes(oddity);
const byLists = (...not: Oddity[]) =>
  byRows('two models', 'rows in any order', 'repeated rows', 'ranks against scores', ...not);
const places = byLists('ties');

function table(
  path: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  separator = ',',
): void {
  const lines = [...(head.length > 0 ? [head] : []), ...rows].map((cells) => cells.join(separator));
  const text = `${lines.join('\n')}\n`;
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
}

/** The same lists where only their order is written. */
const inOrder = (lists: Lists): [user: string, items: string[]][] =>
  [...lists].map(([user, list]) => [user, list.map(({ item }) => item)]);
const only = (written: Written): Lists => [...written.values()][0];

const FORMATS: readonly Format[] = [
  {
    name: 'csv by score',
    ending: '.csv',
    can: byRows(),
    write: async (path, written, how) => {
      const isTwo = written.size > 1;
      const head = ['user_id', 'item_id', 'score', ...(isTwo ? ['model'] : [])];
      table(
        path,
        head,
        rowsOf(written, how).map(({ user, item, score, model }) => [
          user,
          item,
          score,
          ...(isTwo ? [model ?? ''] : []),
        ]),
      );
      return {};
    },
  },
  {
    name: 'csv by rank',
    ending: '.csv.gz',
    can: byRows('ranks against scores', 'ties'),
    write: async (path, written, how) => {
      const isTwo = written.size > 1;
      const head = ['rank', 'item', 'user', ...(isTwo ? ['algorithm'] : [])];
      table(
        path,
        head,
        rowsOf(written, how).map(({ user, item, rank, model }) => [
          rank,
          item,
          user,
          ...(isTwo ? [model ?? ''] : []),
        ]),
      );
      return {};
    },
  },
  {
    name: 'csv by tied ranks',
    ending: '.csv',
    can: (oddity) => oddity === 'ties',
    write: async (path, written, how) => {
      table(
        path,
        ['user', 'item', 'rank'],
        rowsOf(written, how).map(({ user, item, rank }) => [user, item, rank]),
      );
      return repeatedRanks(written);
    },
  },
  {
    name: 'csv by score and rank',
    ending: '.csv',
    can: byRows('two models'),
    write: async (path, written, how) => {
      table(
        path,
        ['user', 'item', 'rank', 'score'],
        rowsOf(written, how).map(({ user, item, rank, score }) => [user, item, rank, score]),
      );
      return {};
    },
  },
  {
    name: 'csv by distance',
    ending: '.csv',
    can: byRows('two models', 'ranks against scores'),
    write: async (path, written, how) => {
      table(
        path,
        ['user', 'item', 'distance'],
        rowsOf(written, how).map(({ user, item, score }) => [user, item, 300 - score]),
      );
      return { options: { ascending: true } };
    },
  },
  {
    name: 'tsv without names',
    ending: '.tsv',
    can: byRows('two models', 'ranks against scores'),
    write: async (path, written, how) => {
      table(
        path,
        [],
        rowsOf(written, how).map(({ user, item, score }) => [user, item, score]),
        '\t',
      );
      return {};
    },
  },
  {
    name: 'counted numbers without names',
    ending: '.csv',
    can: (oddity) => oddity === 'counted',
    write: async (path, written, { rand }) => {
      const up = rand() < 0.6;
      const from = pick(rand, [0, 1]);
      const rows = [...only(written)].flatMap(([user, list]) =>
        list.map(({ item }, at) => [user, item, (up ? at : list.length - 1 - at) + from]),
      );
      table(path, [], up && rand() < 0.5 ? shuffled(rand, rows) : rows);
      const counts = [...only(written).values()].some((list) => list.length > 1);
      return { refused: up || !counts ? null : /counts every list down.*--map score=/ };
    },
  },
  {
    name: 'trec',
    ending: '.trec',
    can: byRows(),
    write: async (path, written, how) => {
      table(
        path,
        [],
        rowsOf(written, how).map(({ user, item, rank, score, model }) => [
          user,
          'Q0',
          item,
          rank,
          score,
          model ?? 'mine',
        ]),
        ' ',
      );
      return written.size > 1 ? {} : { written: new Map([['mine', only(written)]]) };
    },
  },
  {
    name: 'json lines of rows',
    ending: '.jsonl',
    can: byRows('two models', 'ranks against scores'),
    write: async (path, written, how) => {
      writeFileSync(
        path,
        rowsOf(written, how)
          .map(
            ({ user, item, score }) => `{"user": ${json(user)}, "item": ${json(item)}, "score": ${score}}\n`,
          )
          .join(''),
      );
      return {};
    },
  },
  {
    name: 'a run of ranx',
    ending: '.json',
    can: byLists(),
    write: async (path, written, { rand }) => {
      const lists = [...only(written)].map(([user, list]) => {
        const pairs = shuffled(rand, list).map(({ item, score }) => `${JSON.stringify(item)}: ${score}`);
        return `${JSON.stringify(user)}: {${pairs.join(', ')}}`;
      });
      writeFileSync(path, `{${lists.join(', ')}}`);
      return {};
    },
  },
  {
    name: 'lists by user',
    ending: '.json',
    can: places,
    write: async (path, written) => {
      const lists = inOrder(only(written)).map(
        ([user, items]) => `${JSON.stringify(user)}: [${items.map(json).join(', ')}]`,
      );
      writeFileSync(path, `{${lists.join(',\n')}}`);
      return {};
    },
  },
  {
    name: 'records with a history',
    ending: '.jsonl',
    can: places,
    write: async (path, written, { rand, heldOut }) => {
      const [first] = heldOut.items;
      const key = pick(rand, ['recommendations', 'predictions', 'recs', 'topk']);
      const lines = inOrder(only(written)).map(
        ([user, items]) =>
          `{"user_id": ${json(user)}, "history": [${json(first)}], "target": ${json(first)}, "${key}": [${items.map(json).join(', ')}]}`,
      );
      writeFileSync(path, `${lines.join('\n')}\n`);
      return {};
    },
  },
  {
    name: 'records of two lists',
    ending: '.json',
    can: (oddity) => oddity === 'none',
    write: async (path, written, { rand }) => {
      const named = rand() < 0.5;
      const records = inOrder(only(written)).map(([user, items]) => {
        const own = `[${items.map(json).join(', ')}]`;
        return `{"user": ${json(user)}, "first": [${json(items[0])}], "found": ${own}}`;
      });
      writeFileSync(path, `[${records.join(',\n')}]`);
      return named
        ? { options: { map: { item: 'found' } } }
        : { refused: /"first" and "found"; say which .* --map item=/ };
    },
  },
  {
    name: 'lists of mixed kinds',
    ending: '.jsonl',
    can: (oddity) => oddity === 'none',
    write: async (path, written) => {
      const lines = inOrder(only(written)).map(([user, items], at) => {
        const list =
          at % 2 === 0 ? items.map(json) : items.map((item) => `{"item": ${json(item)}, "score": 1}`);
        return `{"user": ${json(user)}, "items": [${list.join(', ')}]}`;
      });
      writeFileSync(path, lines.join('\n'));
      return { refused: /list 2 has scores, and lists before it have items alone/ };
    },
  },
  {
    name: 'nested parquet',
    ending: '.parquet',
    can: byLists('empty list'),
    write: async (path, written, how) => {
      const rows = `${path}.csv`;
      table(
        rows,
        ['u', 'i', 's'],
        rowsOf(written, how).map(({ user, item, score }) => [user, item, score]),
      );
      await withDuck((duck) =>
        duck.run(`COPY (SELECT u AS user_id, list({'item_id': i, 'score': s} ORDER BY s DESC) AS items FROM read_csv('${rows}', header = true, all_varchar = false,
          types = {'u': '${idType(written)}', 'i': '${idType(written)}'}) GROUP BY u) TO '${path}' (FORMAT parquet)`),
      );
      return {};
    },
  },
  {
    name: 'ids in a cell',
    ending: '.csv',
    can: (oddity, written) => places(oddity) && [...only(written).values()].some((list) => list.length > 1),
    write: async (path, written) => {
      table(
        path,
        ['customer_id', 'prediction'],
        inOrder(only(written)).map(([user, items]) => [user, items.join(' ')]),
      );
      return {};
    },
  },
  {
    name: 'npz of indices',
    ending: '.npz',
    can: places,
    write: async (path, written, { heldOut }) => {
      const lists = inOrder(only(written));
      const names = [...heldOut.items, 'nothing-of-ours'];
      const width = Math.max(...lists.map(([, items]) => items.length));
      const indices = lists.flatMap(([, items]) =>
        Array.from({ length: width }, (_, at) => (at < items.length ? names.indexOf(items[at]) : -1)),
      );
      const arrays = {
        users: ids(lists.map(([user]) => user)),
        items: ids(names),
        indices: npyFile('<i4', [lists.length, width], Int32Array.from(indices)),
      };
      writeFileSync(path, zipped(arrays));
      return {};
    },
  },
  {
    name: 'npz of scores',
    ending: '.npz',
    can: (oddity, written) =>
      ['none', 'user missing', 'item missing', 'history', 'ties'].includes(oddity) &&
      [...only(written).values()].every((list) => list.length > 25),
    write: async (path, written, { heldOut, oddity }) => {
      const lists = [...only(written)];
      const items =
        oddity === 'item missing'
          ? [...new Set(lists.flatMap(([, list]) => list.map(({ item }) => item)))]
          : heldOut.items;
      // Items of the history that a list does not have get the least score, as programs mask them.
      const scores = lists.flatMap(([, list]) => {
        const own = new Map(list.map(({ item, score }) => [item, score]));
        return items.map((item) => own.get(item) ?? Number.NEGATIVE_INFINITY);
      });
      writeFileSync(
        path,
        zipped({
          users: ids(lists.map(([user]) => user)),
          items: ids(items),
          scores: npyFile('<f8', [lists.length, items.length], Float64Array.from(scores)),
        }),
      );
      const all = lists.map(([user, list]): [string, Listed[]] => {
        const masked = items.filter((item) => !list.some((one) => one.item === item));
        return [
          user,
          [...list, ...masked.map((item) => ({ item, score: Number.NEGATIVE_INFINITY, rank: 0 }))],
        ];
      });
      return { written: new Map([[null, new Map(all)]]) };
    },
  },
];

/** Ids beyond 2^53 as the numbers that programs write; others as texts. */
const json = (id: string) => (/^\d{10,}$/.test(id) ? id : JSON.stringify(id));
const isLong = (id: string) => /^\d{10,}$/.test(id);
const idType = (written: Written) =>
  [...only(written)].every(([user, list]) => isLong(user) && list.every(({ item }) => isLong(item)))
    ? 'BIGINT'
    : 'VARCHAR';

function ids(texts: readonly string[]): Uint8Array {
  if (texts.every(isLong)) return npyFile('<i8', [texts.length], BigInt64Array.from(texts, BigInt));
  const width = Math.max(...texts.map(({ length }) => length));
  const points = texts.flatMap((text) => Array.from({ length: width }, (_, at) => text.codePointAt(at) ?? 0));
  return npyFile(`<U${width}`, [texts.length], Uint32Array.from(points));
}

const zipped = (arrays: Record<string, Uint8Array>) =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));

/** Ranks that stand equally often throughout look like lists of several models. */
function repeatedRanks(written: Written): Said {
  const all = [...only(written).values()].filter((list) => list.length > 0);
  const counts = new Set(
    all.flatMap((list) => [...Map.groupBy(list, ({ rank }) => rank).values()].map(({ length }) => length)),
  );
  const [count] = counts;
  return counts.size === 1 && count > 1
    ? { refused: new RegExp(`each rank of each user is there ${count} times`) }
    : {};
}

/** Whether all users of a result have lists of one length below half of the items with the target in them. */
export function looksSampled(lists: Lists, { items, users }: HeldOut): boolean {
  const own = users.flatMap(({ id, target }) => {
    const list = lists.get(id) ?? [];
    return list.length === 0
      ? []
      : [{ length: list.length, found: list.some(({ item }) => item === target) }];
  });
  const lengths = Map.groupBy(own, ({ length }) => length);
  const [size, alike] = [...lengths].reduce((a, b) => (b[1].length > a[1].length ? b : a));
  return (
    alike.length >= 0.99 * own.length &&
    own.filter(({ found }) => found).length >= 0.99 * own.length &&
    size < items.length / 2
  );
}

/** What lists come to under the protocol: the history leaves them, and equal scores count against the target. */
export function reckon(
  lists: Lists,
  { items, users }: HeldOut,
  { isByRank, sampled }: { isByRank: boolean; sampled: boolean },
): Reckoned {
  const known = new Set(items);
  const facts = { withoutList: 0, withHistory: 0, missed: 0, unknownItems: 0, unknownUsers: 0 };
  const names = new Set(users.map(({ id }) => id));
  facts.unknownUsers = [...lists.keys()].filter((id) => !names.has(id)).length;
  facts.unknownItems = new Set(
    [...lists.values()].flat().flatMap(({ item }) => (known.has(item) ? [] : [item])),
  ).size;
  const all = users.map(({ id, target, history }) => {
    const list = lists.get(id) ?? [];
    const kept = list.filter(({ item }) => item === target || !history.has(item));
    const candidates = items.filter((item) => item === target || !history.has(item));
    if (list.length === 0) {
      facts.withoutList++;
      return { rank: candidates.length, end: Number.POSITIVE_INFINITY };
    }
    if (kept.length < list.length) facts.withHistory++;
    const own = kept.find(({ item }) => item === target);
    if (!own) facts.missed++;
    const isAhead = (one: Listed) =>
      isByRank ? one.rank <= (own?.rank ?? 0) : one.score >= (own?.score ?? 0);
    const whole = candidates.every((item) => kept.some((one) => one.item === item));
    return {
      rank: own ? kept.filter(isAhead).length : list.length + 1,
      end: whole || sampled || own ? Number.POSITIVE_INFINITY : list.length,
    };
  });
  const metrics: Record<string, number> = {};
  for (const cutoff of [1, 5, 10, 20, 50, 100, 200, Number.POSITIVE_INFINITY]) {
    if (all.filter(({ end }) => end < cutoff).length > 0.005 * all.length) continue;
    const mean = (of: (rank: number) => number) =>
      all.reduce((sum, { rank }) => sum + of(rank), 0) / all.length;
    if (cutoff === Number.POSITIVE_INFINITY) metrics['test/mrr'] = mean((rank) => 1 / rank);
    else if (cutoff > 1) {
      metrics[`test/hr@${cutoff}`] = mean((rank) => Number(rank <= cutoff));
      metrics[`test/mrr@${cutoff}`] = mean((rank) => (rank <= cutoff ? 1 / rank : 0));
      metrics[`test/ndcg@${cutoff}`] = mean((rank) => (rank <= cutoff ? 1 / Math.log2(rank + 1) : 0));
    }
  }
  return { metrics, facts };
}
