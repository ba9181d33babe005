/** Reads a bundle as whoever receives it will, before it is given away. */
import { writeFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Duck, literal, withDuck } from '../../../../core/data/duck.ts';
import { metricsOfRanks } from '../../../../core/evaluation/metrics.ts';
import { withScratch } from '../../../../core/files/scratch.ts';
import { countText } from '../../../../core/names.ts';
import {
  type BundleCheck,
  csvRows,
  type FoundNumbers,
  numbersCheck,
  type PrivateWord,
  privacyCheck,
  recordCheck,
  tableNumbers,
  tellingMembers,
} from '../../../../core/reproduce/bundle-checks.ts';
import { bundleMembers, readBundle } from '../../../../core/reproduce/bundle-file.ts';
import type { Recipe } from '../../../../core/reproduce/recipe.ts';
import { openStore } from '../../../../core/store/open-store.ts';
import { importTracker } from '../trackers.ts';

const RANKS = 'results/ranks.parquet';
/** Lists hold ids of the data alone, and are most of a bundle. */
const NOT_READ = ['results/lists.parquet', RANKS];

/** `home`: that of the runs. Throws UserError for a bundle that cannot be read. */
export async function checkBundle(path: string, home: string, signal?: AbortSignal): Promise<BundleCheck[]> {
  const { recipe } = readBundle(path);
  return withScratch(async (scratch) => {
    const checks = [await openingCheck(path, join(scratch, 'home'))];
    const members = bundleMembers(path, (name) => name !== 'results/lists.parquet');
    const table = members['report/results.csv'];
    if (table) checks.push(numbersCheck('table', tableNumbers(csvRows(textOf(table)), recipe), 'runs'));
    await withDuck(
      async (duck) => {
        const files = parquetFiles(members, scratch);
        // Of rows that were measured elsewhere there are no ranks.
        if (files[RANKS] && recipe.runs.length > 0)
          checks.push(numbersCheck('runs', await rankNumbers(duck, files[RANKS], recipe), 'ranks'));
        const texts = await textsOf(duck, members, files);
        checks.push(privacyCheck(tellingMembers(texts, privateWords(home)), Object.keys(texts).length));
      },
      { temporaryDirectory: join(scratch, 'spill'), signal },
    );
    return recipe.rows.length > 0 ? [...checks, recordCheck(recipe)] : checks;
  });
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/** As rows of a home that has nothing else. */
async function openingCheck(path: string, home: string): Promise<BundleCheck> {
  const store = openStore(home);
  try {
    const { runs } = await importTracker(store, { paths: [path], from: 'bundle', map: {} });
    const count = runs.filter(({ state }) => state === 'new').length;
    return { what: 'Opens in an empty data folder', detail: countText(count, 'run'), isGood: count > 0 };
  } finally {
    store.close();
  }
}

/** By the names of the members, where they lie. */
function parquetFiles(
  members: Readonly<Record<string, Uint8Array>>,
  scratch: string,
): Record<string, string> {
  const named = Object.entries(members).filter(([name]) => name.endsWith('.parquet'));
  return Object.fromEntries(
    named.map(([name, bytes], at) => {
      const file = join(scratch, `${at}.parquet`);
      writeFileSync(file, bytes);
      return [name, file];
    }),
  );
}

/** Values of a metric are sums in double precision: another order of users moves the last digits. */
const CLOSE = 1e-9;

/** Every metric of ranks of every run, counted anew from the ranks of its users. */
async function rankNumbers(duck: Duck, file: string, { runs }: Recipe): Promise<FoundNumbers> {
  let looked = 0;
  const missing: string[] = [];
  for (const { id, name, metrics } of runs)
    for (const split of ['test', 'valid', 'final']) {
      const where = `run = ${literal(id)} AND split = ${literal(split)}`;
      // Of several targets, and of lists that end, ranks alone say less than the metrics.
      const rows = await duck.rows<{ rank: number; known: number | null; user: string | null }>(
        `SELECT rank, known, "user" FROM read_parquet(${literal(file)}) WHERE ${where}`,
      );
      const isPlain =
        rows.every(({ known }) => known === null) &&
        new Set(rows.map(({ user }) => user)).size === rows.length;
      if (rows.length === 0 || !isPlain) continue;
      const counted = metricsOfRanks({ ranks: rows.map(({ rank }) => rank) });
      for (const [metric, value] of Object.entries(counted)) {
        const told = metrics[`${split}/${metric}`];
        if (told === undefined || told === null) continue;
        looked++;
        if (Math.abs(told - value) > CLOSE * Math.max(1, Math.abs(told)))
          missing.push(`${name}: ${split}/${metric}`);
      }
    }
  return { looked, missing };
}

/** What each member says, tables as the texts in them. */
async function textsOf(
  duck: Duck,
  members: Readonly<Record<string, Uint8Array>>,
  files: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(members)) {
    if (NOT_READ.includes(name)) continue;
    const file = files[name];
    texts[name] = file ? JSON.stringify(await textColumns(duck, file)) : textOf(bytes);
  }
  return texts;
}

async function textColumns(duck: Duck, file: string): Promise<unknown[]> {
  const columns = await duck.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(file)})`,
  );
  const names = columns.flatMap(({ column_name: name, column_type: type }) =>
    type === 'VARCHAR' ? [`"${name.replaceAll('"', '""')}"`] : [],
  );
  if (names.length === 0) return [];
  return duck.rows(`SELECT DISTINCT ${names.join(', ')} FROM read_parquet(${literal(file)})`);
}

/** Shorter names are words of many languages. */
const SHORTEST = 3;

function privateWords(home: string): PrivateWord[] {
  const folders = [home, homedir()].filter((folder) => folder.length > 1);
  const names = [hostname(), userName()].filter((name) => name.length >= SHORTEST && name !== 'localhost');
  return [
    ...folders
      .flatMap((word) => [word, JSON.stringify(word).slice(1, -1)])
      .map((word) => ({ word, isWhole: false })),
    // The name that every Linux system has is a word of its own.
    ...names.filter((name) => name !== 'root').map((word) => ({ word, isWhole: true })),
  ];
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry has none.
    return '';
  }
}
