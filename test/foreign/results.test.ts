/** Recommendations of other programs: read from real files, and measured as ours are. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { withDuck } from '../../src/core/data/duck.ts';
import { openInteractions } from '../../src/core/data/read.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { leaveLastOut } from '../../src/core/data/splits/leave-last-out.ts';
import type { Interactions } from '../../src/core/data/types.ts';
import { resultFile } from '../../src/core/foreign/results/read-lists.ts';
import { resultImportSchema, resultRequestSchema } from '../../src/core/foreign/results/request.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { ExternalRun } from '../../src/core/store/types.ts';
import { negativesOf } from '../../src/core/training/ranking/rank-among.ts';
import { importResults, previewResults, resultPreview } from '../../src/main/services/analysis/results.ts';
import { CommandLine, TRAIN } from '../cli/command-line.ts';
import { npyFile } from '../fixtures/npy-file.ts';
import { some } from '../form.ts';
import { askEverything } from './procedures.ts';

const cli = new CommandLine();
let data: Interactions;
let ids: { users: string[]; items: string[] };
let folder: string;

beforeAll(async () => {
  const paths = writeSample(join(cli.home, 'sample'), { users: 80, items: 60 });
  await cli.text('datasets', 'import', ...paths, '--name', 'club');
  await cli.text(...TRAIN, '--dataset', 'club', '--model', 'popularity', '--name', 'ours');
  const store = openStore(cli.home);
  const dir = store.datasets.folder(store.datasets.find('club').id);
  store.close();
  data = await openInteractions(dir);
  const of = (file: string, dense: string) =>
    withDuck(async (duck) =>
      (await duck.rows<{ id: string }>(`SELECT id FROM '${join(dir, file)}' ORDER BY "${dense}"`)).map(
        ({ id }) => id,
      ),
    );
  ids = { users: await of('users.parquet', 'user'), items: await of('items.parquet', 'item') };
  folder = join(cli.home, 'theirs');
  mkdirSync(folder);
}, 120_000);

/** A score of every item for every user, never twice the same. */
const score = (user: number, item: number) => ((user * 7919 + item * 104_729) % 10_007) + item / 1000;

/** What another program would write: the first `k` items of every user, without those of the history. */
function lists(k: number, { history = false } = {}) {
  const split = leaveLastOut(data);
  return [...split.usersWithTargets()].flatMap((user) => {
    const seen = new Set(data.itemIds.subarray(split.start(user), split.testIndex(user)));
    seen.delete(data.itemIds[split.testIndex(user)]);
    return Array.from({ length: data.items }, (_, item) => item)
      .filter((item) => history || !seen.has(item))
      .sort((a, b) => score(user, b) - score(user, a))
      .slice(0, k)
      .map((item, at) => ({ user, item, score: score(user, item), rank: at + 1 }));
  });
}

type Row = ReturnType<typeof lists>[number];

/** Ten items of a user, best first, and a place that was left empty. */
function placed(rows: readonly Row[], user: number): number[] {
  return [...rows.filter((row) => row.user === user).map(({ item }) => item), -1];
}

/** The place of every test item, counted as anybody would, by the user's own id. */
function places(rows: readonly Row[]): Map<number, number> {
  const split = leaveLastOut(data);
  return new Map(
    rows
      .filter(({ user, item }) => item === data.itemIds[split.testIndex(user)])
      .map(({ user, rank }) => [user, rank]),
  );
}

function file(
  name: string,
  head: string,
  rows: readonly Row[],
  line: (row: Row, user: string, item: string) => string,
): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `${[head, ...rows.map((row) => line(row, ids.users[row.user], ids.items[row.item]))]
      .filter((text) => text !== '')
      .join('\n')}\n`,
  );
  return path;
}

const csv = (name: string, rows: readonly Row[]) =>
  file(name, 'user_id,item_id,score', rows, ({ score }, user, item) => `${user},${item},${score}`);

async function imported(path: string, ...options: string[]): Promise<ExternalRun> {
  return (await cli.json('results', 'import', path, '--dataset', 'club', ...options)) as ExternalRun;
}

it('negatives that this program drew are checked user by user, and others are refused', async () => {
  const split = leaveLastOut(data);
  const draw = negativesOf({ data, trainEnd: split.trainEnds() }, { count: 9, by: 'uniform', seed: 3 });
  const rows = [...split.usersWithTargets()].flatMap((user) =>
    [data.itemIds[split.testIndex(user)], ...draw(user)].map(
      (item) => `${ids.users[user]},${ids.items[item]},${score(user, item)}`,
    ),
  );
  const path = join(folder, 'negatives.csv');
  writeFileSync(path, `user,item,score\n${rows.join('\n')}\n`);
  const preview = async (seed: number) => {
    const store = openStore(cli.home);
    const negatives = { by: 'uniform', seed };
    const request = resultRequestSchema.parse({ path, dataset: 'club', candidates: 'sampled', negatives });
    return previewResults(store, request).finally(() => store.close());
  };
  const [{ protocol }] = await preview(3);
  expect(protocol).toMatchObject({
    candidates: 'sampled',
    sampledItems: 10,
    sampledBy: 'uniform',
    sampledSeed: 3,
  });
  await expect(preview(4)).rejects.toThrow(/user .* has another candidate set .* --negatives-seed 4/);
});

async function refused(path: string, ...options: string[]): Promise<string> {
  const { code, stderr } = await cli.run('results', 'import', path, '--dataset', 'club', ...options);
  expect(code).toBe(1);
  return stderr;
}

describe('lists of another program', () => {
  it('have exact metrics up to their length, and none beyond', async () => {
    const rows = lists(20);
    const run = await imported(
      csv('top20.csv', rows),
      '--program',
      'RecBole 1.2',
      '--model',
      'BERT4Rec',
      '--seed',
      '7',
    );
    const split = leaveLastOut(data);
    const found = places(rows);
    const ndcg = (k: number) =>
      [...split.usersWithTargets()].reduce((sum, user) => {
        const rank = found.get(user) ?? Number.POSITIVE_INFINITY;
        return sum + (rank <= k ? 1 / Math.log2(rank + 1) : 0);
      }, 0) / split.evaluatedUsers;
    expect(run.metrics['test/ndcg@10']).toBeCloseTo(ndcg(10), 12);
    expect(run.metrics['test/ndcg@20']).toBeCloseTo(ndcg(20), 12);
    expect(Object.keys(run.metrics).filter((name) => /@(50|100|200)$|mrr$|mean-rank/.test(name))).toEqual([]);
    expect(run).toMatchObject({
      kind: 'external',
      program: 'RecBole 1.2',
      model: 'BERT4Rec',
      seed: 7,
      name: 'BERT4Rec-club',
    });
    expect(run.result).toMatchObject({
      listLength: 20,
      withoutList: 0,
      withHistory: 0,
      missed: split.evaluatedUsers - found.size,
    });
    expect(run.protocol).toMatchObject({
      historyFilter: 'all',
      split: 'leave-last-out',
      selection: 'unknown',
      splitKnown: 'no',
    });
  });

  it('are the same in every format', async () => {
    const rows = lists(10);
    const metrics = await Promise.all([
      imported(csv('a.csv', rows)),
      imported(
        file('a.tsv', 'userId\titemId\trank', rows, ({ rank }, user, item) => `${user}\t${item}\t${rank}`),
      ),
      imported(file('elliot.tsv', '', rows, ({ score }, user, item) => `${user}\t${item}\t${score}`)),
      imported(
        file('a.trec', '', rows, ({ rank, score }, user, item) => `${user} Q0 ${item} ${rank} ${score} mine`),
      ),
      imported(
        // As programs write it that line up their columns.
        file(
          'padded.trec',
          '',
          rows,
          ({ rank, score }, user, item) => `  ${user}   Q0  ${item.padEnd(9)} ${rank}\t${score}   mine `,
        ),
      ),
      imported(
        file('a.jsonl', '', rows, ({ score }, user, item) =>
          JSON.stringify({ user_id: user, item_id: item, score }),
        ),
      ),
      imported(
        // Three keys are no columns without names.
        file('ranked.jsonl', '', rows, ({ rank }, user, item) => JSON.stringify({ user, item, rank })),
      ),
      imported(
        file('odd.csv', 'who,what,how', rows, ({ score }, user, item) => `${user},${item},${score}`),
        '--map',
        'user=who,item=what,score=how',
      ),
      (async () => {
        const path = join(folder, 'a.parquet');
        const from = csv('b.csv', rows);
        await withDuck((duck) => duck.run(`COPY (SELECT * FROM '${from}') TO '${path}' (FORMAT parquet)`));
        return imported(path);
      })(),
    ]);
    for (const { metrics: other } of metrics) expect(other).toEqual(metrics[0].metrics);
    expect(metrics.map(({ result }) => result.format)).toEqual([
      'csv',
      'tsv',
      'tsv',
      'trec',
      'trec',
      'json',
      'json',
      'csv',
      'parquet',
    ]);
  });

  it('are the same where a user has one list', async () => {
    const rows = lists(10);
    const wanted = (await imported(csv('rows.csv', rows))).metrics;
    const own = [...Map.groupBy(rows, ({ user }) => user)].map(([user, list]) => ({
      user: ids.users[user],
      items: list.map(({ item }) => ids.items[item]),
      scores: list.map((row) => row.score),
    }));
    const byId = ({ items, scores }: (typeof own)[number]) =>
      Object.fromEntries(items.map((item, at) => [item, scores[at]]));
    const lines = (of: (list: (typeof own)[number]) => string, head = '') => head + own.map(of).join('\n');
    const files: [name: string, text: string][] = [
      ['ranx.json', JSON.stringify(Object.fromEntries(own.map((list) => [list.user, byId(list)])))],
      ['dict.json', JSON.stringify(Object.fromEntries(own.map(({ user, items }) => [user, items])), null, 2)],
      ['array.json', JSON.stringify(own)],
      [
        'rows.json',
        JSON.stringify(
          rows.map((row) => ({ user: ids.users[row.user], item: ids.items[row.item], rank: row.rank })),
        ),
      ],
      ['lists.jsonl', lines((list) => JSON.stringify(list))],
      [
        'spark.jsonl',
        lines(({ user, items, scores }) =>
          JSON.stringify({
            userId: user,
            recommendations: items.map((movieId, at) => ({ movieId, rating: scores[at] })),
          }),
        ),
      ],
      [
        'pairs.jsonl',
        lines(({ user, items, scores }) =>
          JSON.stringify({ uid: user, top: items.map((item, at) => [item, scores[at]]) }),
        ),
      ],
      [
        'personalize.jsonl',
        lines(({ user, items }) =>
          JSON.stringify({ input: { userId: user }, output: { recommendedItems: items }, error: null }),
        ),
      ],
      ['kaggle.csv', lines(({ user, items }) => `${user},${items.join(' ')}`, 'customer_id,prediction\n')],
      [
        'python.csv',
        lines(({ user, items }) => `${user},"['${items.join("', '")}']"`, 'user_id,recommendations\n'),
      ],
      [
        'wide.csv',
        lines(
          ({ user, items }) => `${user},${items.join(',')}`,
          `user,${[...Array(10).keys()].map((at) => `item_${at + 1}`)}\n`,
        ),
      ],
      [
        'bare-ranks.csv',
        lines(({ user, items }) => items.map((item, at) => `${user},${item},${at + 1}`).join('\n')),
      ],
      [
        'commas.csv',
        lines(
          ({ user, items, scores }) =>
            items.map((item, at) => `${user};${item};${String(scores[at]).replace('.', ',')}`).join('\n'),
          'user;item;score\n',
        ),
      ],
      [
        'surprise.csv',
        lines(
          ({ user, items, scores }) => items.map((item, at) => `${user},${item},,${scores[at]}`).join('\n'),
          'uid,iid,r_ui,est\n',
        ),
      ],
    ];
    for (const [name, text] of [files[0], ...some(files.slice(1), 5)]) {
      const path = join(folder, name);
      writeFileSync(path, text);
      expect([name, (await imported(path)).metrics]).toEqual([name, wanted]);
      if (!/^(bare|commas|surprise)/.test(name))
        expect([name, (await resultFile(path)).likeness]).toEqual([name, 'surely']);
    }
    const nested = join(folder, 'nested.parquet');
    const from = csv('flat.csv', rows);
    await withDuck((duck) =>
      duck.run(
        `COPY (SELECT user_id, list({'item_id': item_id, 'score': score} ORDER BY score DESC) AS items FROM '${from}' GROUP BY user_id) TO '${nested}' (FORMAT parquet)`,
      ),
    );
    const run = await imported(nested);
    expect(run.metrics).toEqual(wanted);
    expect(run.result.format).toBe('parquet lists');
    const packed = join(folder, 'ranx.json.gz');
    writeFileSync(packed, gzipSync(readFileSync(join(folder, 'ranx.json'))));
    expect((await imported(packed)).metrics).toEqual(wanted);
  }, 120_000);

  it('that have every candidate are ranked as ours are: no metric is missing', async () => {
    const rows = lists(1000, { history: true });
    const run = await imported(csv('all.csv', rows));
    const store = openStore(cli.home);
    const ranks = store.ranks.read(run.id, 'test');
    store.close();
    const found = places(lists(1000));
    expect([...(ranks?.users ?? [])].map((user, at) => [user, ranks?.ranks[at]])).toEqual(
      [...(ranks?.users ?? [])].map((user) => [user, found.get(user)]),
    );
    expect(run.result.listLength).toBeNull();
    expect(run.metrics).toHaveProperty('test/mrr');
    expect(run.protocol).toMatchObject({ historyFilter: 'all' });
  });

  it('are the same packed, and as arrays', async () => {
    const rows = lists(10);
    const plain = await imported(csv('plain.csv', rows));
    const packed = join(folder, 'packed.csv.gz');
    writeFileSync(packed, gzipSync(readFileSync(join(folder, 'plain.csv'))));
    const users = [...new Set(rows.map(({ user }) => user))];
    const indices = Int32Array.from(users.flatMap((user) => placed(rows, user)));
    const archive = (name: string, arrays: Record<string, Uint8Array>) => {
      const path = join(folder, name);
      writeFileSync(
        path,
        zipSync(Object.fromEntries(Object.entries(arrays).map(([key, of]) => [`${key}.npy`, of]))),
      );
      return path;
    };
    const texts = (values: string[]) => {
      const width = Math.max(...values.map(({ length }) => length));
      const points = values.flatMap((text) =>
        Array.from({ length: width }, (_, at) => text.codePointAt(at) ?? 0),
      );
      return npyFile(`<U${width}`, [values.length], Uint32Array.from(points));
    };
    const names = {
      users: texts(users.map((user) => ids.users[user])),
      items: texts(ids.items.slice(0, data.items)),
    };
    const top = archive('top.npz', { ...names, indices: npyFile('<i4', [users.length, 11], indices) });
    const all = Float64Array.from(
      users.flatMap((user) => ids.items.slice(0, data.items).map((_, item) => score(user, item))),
    );
    const whole = archive('whole.npz', { ...names, scores: npyFile('<f8', [users.length, data.items], all) });
    const order = users.flatMap((user) =>
      Array.from({ length: data.items }, (_, item) => item).sort((a, b) => score(user, b) - score(user, a)),
    );
    const ordered = archive('ordered.npz', {
      ...names,
      indices: npyFile('<i4', [users.length, data.items], Int32Array.from(order)),
    });
    const lone = join(folder, 'scores.npy');
    writeFileSync(lone, npyFile('<f8', [users.length, data.items], all));
    const lines = (name: string, values: string[]) => {
      const path = join(folder, name);
      writeFileSync(path, `${values.join('\n')}\n`);
      return path;
    };
    const named = [
      ...[
        '--users',
        lines(
          'users.txt',
          users.map((user) => ids.users[user]),
        ),
      ],
      ...['--items', lines('items.txt', ids.items.slice(0, data.items))],
    ];
    for (const path of [packed, top]) expect((await imported(path)).metrics).toEqual(plain.metrics);
    const everything = await imported(csv('everything.csv', lists(1000, { history: true })));
    expect(everything.result.listLength).toBeNull();
    expect((await imported(whole)).metrics).toEqual(everything.metrics);
    expect((await imported(ordered)).metrics).toEqual(everything.metrics);
    expect((await imported(lone, ...named)).metrics).toEqual(everything.metrics);
    expect(await refused(lone)).toMatch(
      /has no user ids for its rows; add an array "users" with one id a row, or name a file of ids with --users/,
    );
    expect(await refused(lone, ...named.slice(0, 2))).toMatch(/none of its items/);
    const short = archive('short.npz', {
      users: names.users,
      scores: npyFile('<f8', [2, 1], Float64Array.of(1, 2)),
    });
    expect(await refused(short)).toMatch(/users, but an array of \[2, 1\]; one row per user is needed/);
    const trec = file(
      'packed.trec.gz',
      '',
      rows,
      ({ rank, score }, user, item) => `${user} Q0 ${item} ${rank} ${score} x`,
    );
    writeFileSync(trec, gzipSync(readFileSync(trec)));
    expect((await imported(trec)).metrics).toEqual(plain.metrics);
    // As Excel of the West writes it; the user of one row more is not of the data set.
    const latin = csv('latin.csv', rows);
    appendFileSync(latin, Buffer.from('Zoë,1,0.5\n', 'latin1'));
    const { metrics, result } = await imported(latin);
    expect({ metrics, unknown: result.unknownUsers }).toEqual({ metrics: plain.metrics, unknown: 1 });
    writeFileSync(packed, gzipSync(readFileSync(join(folder, 'plain.csv'))).subarray(0, 60));
    expect(await refused(packed)).toMatch(/packed\.csv\.gz: the gzip file is/);
    writeFileSync(packed, gzipSync('user,item,score\n1,2,nothing\n'));
    expect(await refused(packed)).toMatch(/packed\.csv\.gz: .*that is not a number/);
  });

  it('stand beside ours in a comparison, with tests and slices', async () => {
    const run = await imported(
      csv('beside.csv', lists(10)),
      ...['--name', 'theirs', '--set', 'split=leave-last-out'],
    );
    const compared = ['compare', 'ours', run.id, '--baseline', 'ours', '--metrics', 'ndcg@10,mrr'];
    const text = await cli.text(...compared, '--slices');
    expect(text).toMatch(/theirs/);
    expect(text).not.toMatch(/Infinity|NaN/);
    const { protocols } = await cli.json<{ protocols: unknown[] }>(...compared);
    expect(protocols).toHaveLength(1);
    const shown = await cli.text('runs', 'show', run.id);
    expect(shown).toMatch(/Lists +top 10 of \d+ of \d+ users, from beside\.csv/);
    expect(shown).toContain('item popularity');
  });

  it('are counted where they do not fit, and resolved by a rule', async () => {
    const rows = lists(10);
    const users = [...new Set(rows.map(({ user }) => user))];
    const few = rows.filter(({ user, rank }) => user !== users[0] && !(user === users[1] && rank > 4));
    const path = csv('odd-lists.csv', few);
    const first = rows.find(({ user }) => user === users[3])?.item ?? 0;
    const more = [
      ['nobody', ids.items[0], 1],
      [ids.users[users[2]], 'nothing', 99_999],
      [ids.users[users[3]], ids.items[first], -5],
    ];
    appendFileSync(path, `${more.map((line) => line.join(',')).join('\n')}\n`);
    const { result } = await imported(path);
    const counted = { withoutList: 1, unknownUsers: 1, unknownItems: 1, doubledRows: 1, listLength: 11 };
    expect(result).toMatchObject({ ...counted, shorter: users.length - 2 });
    const store = openStore(cli.home);
    const request = resultRequestSchema.parse({ path, dataset: 'club' });
    const [{ facts }] = (await resultPreview(store, request, {}).finally(() => store.close())).results;
    const behind = Object.fromEntries(facts.map(({ fact, users }) => [fact, users?.first]));
    expect(behind).toMatchObject({
      'Users without a list': [ids.users[users[0]]],
      'Users that are not in the data set': ['nobody'],
      'Items that are not in the data set': [ids.users[users[2]]],
      'Rows that repeat an item of a list': [ids.users[users[3]]],
    });
    expect(behind['Users with a list']).toEqual(users.slice(1, 21).map((user) => ids.users[user]));
    expect(JSON.stringify(result)).not.toContain('nobody');
    const history = csv('history.csv', lists(10, { history: true }));
    const filtered = await imported(history);
    expect(filtered.result.withHistory).toBeGreaterThan(0);
    expect(filtered.result.lostPlaces).toBe(filtered.result.withHistory);
    expect(filtered.protocol).toMatchObject({ historyFilter: 'all' });
    const kept = await imported(history, '--keep-history');
    expect(kept.protocol).toMatchObject({ historyFilter: 'none' });
    expect(kept.metrics['test/ndcg@10']).toBeLessThanOrEqual(filtered.metrics['test/ndcg@10']);
  });

  it('are measured without rows that cannot be read, where their user says so', async () => {
    const path = csv('bad-rows.csv', lists(5));
    const bad = [`${ids.users[0]},${ids.items[0]},n/a`, `${ids.users[0]},,3`, 'a,b,1,more', 'a,b,2,more'];
    appendFileSync(path, `${bad.join('\n')}\n`);
    expect(await refused(path)).toMatch(
      /:\d+: the line does not have the columns user_id, item_id, score; 1 line more like it \("a,b,1,more"\); correct/,
    );
    const { result } = await imported(path, '--skip-bad-rows');
    expect(result).toMatchObject({ unreadRows: 4, rows: lists(5).length });
    const text = await cli.text(
      'results',
      'import',
      path,
      '--dataset',
      'club',
      '--skip-bad-rows',
      '--preview',
    );
    expect(text).toMatch(/4 +Rows that cannot be read +left out/);
  });

  it('count equal scores against the target', async () => {
    const rows = lists(10).map((row) => ({ ...row, score: 1 }));
    const { metrics } = await imported(csv('tied.csv', rows));
    expect(metrics['test/ndcg@5']).toBe(0);
  });

  it('are refused in one line where they say nothing', async () => {
    const [user, item] = [ids.users[0], ids.items[0]];
    const one = `${user},${item},1`;
    for (const [name, text, problem] of [
      [
        'nan.csv',
        `user,item,score\n${user},${item},nan`,
        '1 row with a "score" that is not a number, the first is row 1 ("%"); correct the file'.replace(
          '%',
          `${user}, ${item}, nan`,
        ),
      ],
      [
        'ids.csv',
        'user,item,score\n900001,900002,1',
        'none of its users is in the data set ("900001" is not)',
      ],
      ['two.csv', `user,item\n${user},${item}`, 'no column is the score or the rank; there are: user, item'],
      [
        'both.csv',
        `user,item,score,prediction\n${one},1`,
        'both "score" and "prediction" could be the score',
      ],
      ['hole.csv', `user,item,score\n${user},,1`, '1 row without a user or an item, the first is row 1'],
      ['wide.csv', `user,item,score\n${one}\n${one},2,3`, 'wide.csv:3: '],
      ...['%', '  %'].map((pad): [string, string, string] => [
        'short.trec',
        pad.replace('%', `${user} Q0 ${item} 1 0.5 mine\n${user} Q0 ${item} 2 0.4`),
        'short.trec:2: the line does not have the columns user, constant, item, rank, score, name',
      ]),
      ['empty.csv', 'user,item,score\n', 'no rows'],
      [
        'cells.csv',
        `user,items\n${user},${item} ${item}\n${user}`,
        'cells.csv:3: the line does not have the columns user, items',
      ],
      [
        'two-cells.csv',
        `user,items\n${user},${item} ${ids.items[1]}\n${user},${item} ${ids.items[1]}`,
        `user "${user}" has two lists`,
      ],
      [
        'seeds.csv',
        ['user,item,score,seed', ...Array.from({ length: 101 }, (_, seed) => `${one},${seed}`)].join('\n'),
        'the columns "seed" would make 101 results of it',
      ],
      ['cut.json', `{"${user}": {"${item}": 1`, 'cannot be read as JSON'],
      [
        'nobody.jsonl',
        `{"user": "${user}", "items": ["${item}"]}\n{"items": ["${item}"]}`,
        'nobody.jsonl:2: ',
      ],
      [
        'nobody.json',
        `[{"user": "${user}", "items": ["${item}"]}, 5]`,
        'entry 2 does not say whose list it is',
      ],
      ['hollow.json', `{"${user}": {"${item}": null}}`, '1 row with a "value" that is not a number'],
    ]) {
      const path = join(folder, name);
      writeFileSync(path, `${text}\n`);
      const line = await refused(path);
      expect(line).toContain(problem);
      expect(line).toMatch(/^[^\n]+\n$/);
    }
    expect(await refused(csv('fine.csv', lists(3)), '--map', 'users=who')).toContain('"users" is no role');
    expect(await refused(join(folder, 'gone.csv'))).toMatch(/^tessera: [^\n]*gone\.csv: no such file\n$/);
  });

  it('answer every procedure that their ranks suffice for, and refuse the others in one line', async () => {
    const run = await imported(csv('everywhere.csv', lists(10)), '--model', 'sasrec');
    const { answered } = await askEverything(cli.home, run.id);
    for (const name of [
      'compare.table',
      'compare.slices',
      'compare.toBaseline',
      'compare.report',
      'runs.slices',
    ])
      expect(answered).toContain(name);
    // A list for what comes next, and a decoding, need a model.
    const needModels = /^(recommend|language.evaluate|queue.requeue)/;
    expect(answered.filter((name) => needModels.test(name))).toEqual([]);
  });

  it('are only looked at with --preview', async () => {
    const count = async () => (await cli.json<unknown[]>('runs', 'list')).length;
    const before = await count();
    const path = csv('look.csv', lists(5));
    const text = await cli.text('results', 'import', path, '--dataset', 'club', '--preview');
    expect(text).toMatch(/5 +Items in each list/);
    expect(text).toMatch(/Not said .*, seed: it is never/);
    const seeded = ['--dataset', 'club', '--preview', '--seed', '3'];
    expect(await cli.text('results', 'import', path, ...seeded)).toMatch(
      /Not said [^\n]*tuning: it is never/,
    );
    expect(await count()).toBe(before);
  });

  it('are known again in the window, where each of several is seen before it is kept', async () => {
    const path = file('again.csv', 'model,user,item,rank', lists(10), (row, user, item) =>
      ['A', 'B'].map((model) => `${model},${user},${item},${row.rank}`).join('\n'),
    );
    const seen = async () => {
      const store = openStore(cli.home);
      const request = resultRequestSchema.parse({ path, dataset: 'club' });
      const { results, known } = await resultPreview(store, request, {}).finally(() => store.close());
      return { results: results.map(({ part, metrics }) => [part.model, metrics[0]]), known };
    };
    const each = ['A', 'B'].map((model) => [model, ['NDCG@10', expect.stringMatching(/^0\.\d{4}$/)]]);
    expect(await seen()).toEqual({ results: each, known: [] });
    const kept = await cli.json<ExternalRun[]>('results', 'import', path, '--dataset', 'club');
    expect((await seen()).known).toEqual(kept.map(({ id, name }) => ({ id, name })));
    const chosen = (models: string[] | null, context: Parameters<typeof importResults>[2] = {}) => {
      const store = openStore(cli.home);
      const only = models?.map((model) => ({ model }));
      const request = resultImportSchema.parse({ path, dataset: 'club', only });
      return importResults(store, request, context).finally(() => store.close());
    };
    expect((await chosen(['B'])).runs.map(({ model }) => model)).toEqual(['B']);
    await expect(chosen(['C'])).rejects.toThrow('again.csv: has no result of C; look at it again');
    // Stopped before the second, the first stays.
    const before = (await seen()).known.length;
    const stop = new AbortController();
    const told: unknown[] = [];
    const onProgress = (progress: { phase: string; done?: number; result?: string }) => {
      told.push([progress.phase, progress.result]);
      if (progress.phase === 'save' && progress.done === 1) stop.abort();
    };
    await expect(chosen(null, { signal: stop.signal, onProgress })).rejects.toThrow('cancelled');
    expect(told.slice(-4)).toEqual([
      ...['A', 'B'].map((model) => ['measure', model]),
      ...['A', 'B'].map((model) => ['save', model]),
    ]);
    expect((await seen()).known).toHaveLength(before + 1);
    const text = await cli.text('results', 'import', path, '--dataset', 'club', '--preview');
    expect(text).toContain(`The same file was imported before, as ${kept[0].name} (${kept[0].id})`);
    // On data of the same sequences with other titles it is another result.
    const store = openStore(cli.home);
    const club = store.datasets.find('club');
    const knownOn = (dataset: typeof club) =>
      store.foreign.ofFile(kept[0].result.sha256 ?? '', dataset).length;
    expect([knownOn({ ...club, name: 'copy' }), knownOn({ ...club, sourceFiles: [] })]).toEqual([
      before + 1,
      0,
    ]);
    store.close();
  });

  it('are told from a log of interactions by how their columns are called', async () => {
    const likeness = async (head: string, line: (user: string, item: string) => string) =>
      (await resultFile(file('look.csv', head, lists(3), (_, user, item) => line(user, item)))).likeness;
    expect(await likeness('user_id,item_id,score', (user, item) => `${user},${item},0.5`)).toBe('surely');
    expect(await likeness('uid,iid,rank', (user, item) => `${user},${item},1`)).toBe('surely');
    expect(await likeness('', (user, item) => `${user} Q0 ${item} 1 0.5 run`)).toBe('surely');
    expect(await likeness('user,item,rating', (user, item) => `${user},${item},4`)).toBe('perhaps');
    expect(await likeness('', (user, item) => `${user}\t${item}\t0.5`)).toBe('perhaps');
    expect(await likeness('user,item,rating,timestamp', (user, item) => `${user},${item},4,1e9`)).toBe('no');
    expect(await likeness('user,city', (user) => `${user},New York`)).toBe('no');
    expect(await likeness('title,genres', (user, item) => `${user},${item}`)).toBe('no');
  });

  it('keep what their program states apart from what is measured', async () => {
    const path = csv('stated.csv', lists(20));
    const run = await imported(path, '--stated', 'NDCG@10=0.5', '--stated', 'theirs=2', '--name', 'stated');
    expect(run.stated).toEqual({ 'test/ndcg@10': 0.5, theirs: 2 });
    expect(run.metrics['test/ndcg@10']).not.toBe(0.5);
    const wrong = await cli.run('results', 'import', path, '--dataset', 'club', '--stated', 'ndcg@10=high');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('ndcg@10=0.0431')]);
  });

  it('are shown to a user beside those of ours, as the file has them', async () => {
    const rows = lists(20);
    const run = await imported(csv('shown.csv', rows));
    const user = ids.users[rows[0].user];
    const held = ['--user', user, '--held-out', '--k', '5'];
    const { recommendations, heldOut } = await cli.json<{
      recommendations: { item: string; score: null }[];
      heldOut: { rank: number };
    }>('recommend', '--run', run.id, ...held);
    const own = rows.filter(({ user }) => user === rows[0].user).slice(0, recommendations.length);
    expect(recommendations.map(({ item, score }) => [item, score])).toEqual(
      own.map(({ item }) => [ids.items[item], null]),
    );
    const place = places(rows).get(rows[0].user) ?? null;
    expect(heldOut.rank).toBe(place);
    const missing = rows.map(({ user }) => user).find((user) => !places(rows).has(user)) ?? -1;
    const text = await cli.text('recommend', '--run', run.id, '--user', ids.users[missing], '--held-out');
    expect(text).toContain('which its list does not reach');
    const next = await cli.run('recommend', '--run', run.id, '--user', user);
    expect([next.code, next.stderr]).toEqual([1, expect.stringContaining('lists for held-out items alone')]);
  });
});
