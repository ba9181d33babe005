/** Files of other programs: every record of a damaged list must be read or refused, and every tracker read to its end. */
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { Duck, literal, pathLiteral } from '../../src/core/data/duck.ts';
import { importDataset } from '../../src/core/data/import/import.ts';
import { readLists } from '../../src/core/foreign/results/read-lists.ts';
import { recogniseTracker } from '../../src/core/foreign/trackers/recognise.ts';
import { eventRecord, scalarEvent, versionEvent } from '../../src/core/foreign/trackers/write-events.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { previewTracker } from '../../src/main/services/analysis/trackers.ts';
import { npyFile } from '../fixtures/npy-file.ts';
import { countRecords } from './oracle.ts';
import type { Target } from './targets.ts';

const LENGTH = 5;

/** Lists in every format, and the runs of a tracker. `ratings`: a file of the sample, whose users and items they name. */
export async function foreignTargets(folder: string, ratings: string): Promise<Target[]> {
  const home = join(folder, 'home');
  const { id } = await importDataset({ paths: [ratings], name: 'fuzz' }, { home });
  const files = await listFiles(folder, ratings);
  const some = (fits: (name: string) => boolean) => new Map([...files].filter(([name]) => fits(name)));
  const read = (path: string) => checkLists(path, join(home, 'datasets', id));
  const isPacked = (name: string) => name.endsWith('.gz');
  return [
    { name: 'lists', share: 8, files: some((name) => !isPacked(name)), read },
    { name: 'packed lists', share: 2, files: some(isPacked), inside: true, read },
    {
      name: 'event files',
      share: 2,
      files: new Map([['events.out.tfevents.1.a', events()]]),
      read: readRuns,
    },
    { name: 'runs', share: 2, files: runTables(), read: readRuns },
  ];
}

async function listFiles(folder: string, ratings: string): Promise<Map<string, Uint8Array>> {
  const cells = readFileSync(ratings, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const [users, items] = [0, 1].map((at) => [...new Set(cells.map((row) => row[at]))]);
  const rows = users.flatMap((user, place) =>
    items.slice(place, place + LENGTH).map((item, at) => ({ user, item, rank: at + 1, score: 1 / (at + 2) })),
  );
  const text = (line: (row: (typeof rows)[number]) => string, head = '') =>
    Buffer.from(`${head}${rows.map(line).join('\n')}\n`);
  const csv = text(({ user, item, score }) => `${user},${item},${score}`, 'user_id,item_id,score\n');
  const names = (of: readonly string[]) => npyFile('<U8', [of.length], fixed(of));
  const path = join(folder, 'lists.parquet');
  mkdirSync(folder, { recursive: true });
  const duck = await Duck.open();
  await duck.run(
    `COPY (SELECT "user", item, rating AS score FROM read_csv(${pathLiteral(ratings)})) TO ${literal(path)} (FORMAT parquet)`,
  );
  const nested = join(folder, 'nested.parquet');
  await duck.run(
    `COPY (SELECT "user", list({'item': item, 'score': rating}) AS items FROM read_csv(${pathLiteral(ratings)}) GROUP BY "user") TO ${literal(nested)} (FORMAT parquet)`,
  );
  duck.close();
  const lists = [...Map.groupBy(rows, ({ user }) => user)].map(
    ([user, own]) => [user, Object.fromEntries(own.map(({ item, score }) => [item, score]))] as const,
  );
  return new Map<string, Uint8Array>([
    ['lists.csv', csv],
    ['lists.csv.gz', gzipSync(csv)],
    ['lists.tsv', text(({ user, item, rank }) => `${user}\t${item}\t${rank}`, 'uid\tiid\trank\n')],
    ['bare.txt', text(({ user, item, score }) => `${user}\t${item}\t${score}`)],
    ['lists.jsonl', text((row) => JSON.stringify(row))],
    ['run.trec', text(({ user, item, rank, score }) => `${user} Q0 ${item} ${rank} ${score} run`)],
    ['lists.parquet', readFileSync(path)],
    ['nested.parquet', readFileSync(nested)],
    ['run.json', Buffer.from(JSON.stringify(Object.fromEntries(lists)))],
    [
      'lists.json',
      Buffer.from(JSON.stringify(users.map((user, at) => ({ user, items: items.slice(at, at + LENGTH) })))),
    ],
    [
      'packed.jsonl',
      Buffer.from(lists.map(([user, scores]) => `${JSON.stringify({ user, scores })}\n`).join('')),
    ],
    [
      'cells.csv',
      Buffer.from(
        `user,items\n${lists.map(([user, scores]) => `${user},${Object.keys(scores).join(' ')}\n`).join('')}`,
      ),
    ],
    [
      'scores.npz',
      Buffer.from(
        zipSync({
          'users.npy': names(users),
          'items.npy': names(items),
          'scores.npy': npyFile(
            '<f8',
            [users.length, items.length],
            Float64Array.from({ length: users.length * items.length }, (_, at) => Math.sin(at)),
          ),
        }),
      ),
    ],
  ]);
}

/** Texts of eight signs each, as NumPy has them. */
function fixed(texts: readonly string[]): Uint32Array {
  return Uint32Array.from(
    texts.flatMap((text) => [...text.padEnd(8, '\0')].map((sign) => sign.charCodeAt(0))),
  );
}

/** What is read must be as many rows as the file has records. */
async function checkLists(path: string, datasetDir: string): Promise<void> {
  const ids = { users: null, items: null };
  const results = await readLists(path, { datasetDir, map: {}, ids, ascending: false, skipBadRows: false });
  const sum = (of: (result: (typeof results)[number]) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const rows = sum(({ facts }) => facts.rows);
  const [{ format }] = results.map(({ facts }) => facts);
  const kept = sum(
    ({ facts, lists }) =>
      facts.doubledRows + [...lists.users.keys()].reduce((all, at) => all + lists.list(at).items.length, 0),
  );
  if (kept > rows) throw new Error(`${kept} rows are kept of ${rows}`);
  if (/parquet|npz?$|lists$/.test(format)) return;
  const bytes = readFileSync(path);
  const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  const kind = format.startsWith('json') ? 'json' : 'delimited';
  // The separator counts where values are quoted alone, and the first line may be names or values.
  const records = [',', '\t', ' '].flatMap((separator) =>
    [true, false].flatMap((header) =>
      [true, false].map((quoted) => countRecords(plain, { kind, separator, quoted, header })),
    ),
  );
  if (!records.includes(rows))
    throw new Error(`${rows} rows in place of ${[...new Set(records)].join(' or ')} records`);
}

function events(): Buffer {
  const steps = Array.from({ length: 20 }, (_, step) =>
    scalarEvent(1.7e9 + step, step, [
      { tag: 'loss', value: 1 / (step + 1) },
      { tag: 'val/ndcg@10', value: step / 100 },
    ]),
  );
  return Buffer.concat([versionEvent(1.7e9), ...steps].map(eventRecord));
}

function runTables(): Map<string, Uint8Array> {
  const rows = ['a,sasrec,0.01,0.0412,0.31', 'b,"gru, 4",0.1,nan,0.28', 'c,hstu,1e-3,inf,'];
  const csv = `name,model,lr,test_ndcg@10,loss\n${rows.join('\n')}\n`;
  return new Map([
    ['runs.csv', Buffer.from(csv)],
    ['runs.tsv', Buffer.from(csv.replaceAll('"gru, 4"', 'gru').replaceAll(',', '\t'))],
  ]);
}

async function readRuns(path: string, folder: string): Promise<void> {
  const store = openStore(join(folder, 'home'));
  try {
    // Whether it is one says the file; a name that tells nothing is no fault.
    recogniseTracker(path, null);
    const { runs } = await previewTracker(store, { paths: [path], from: null, map: {} });
    if (runs.some(({ name }) => name === '')) throw new Error(`a run of ${basename(path)} without a name`);
  } finally {
    store.close();
  }
}
