/**
 * Memory of the lists of all users: generated interactions, random parameters, lists of 10; stopped after as many lists as are said.
 *
 * usage: node bench/recommend-all.ts MODEL USERS LENGTH ITEMS LISTS [SETTING=VALUE ...]
 * Prints one JSON line: {"before": bytes that stand when the interactions are read, "peak": most bytes above them, "cpu": seconds
 * of process CPU up to the last list, "lists": those made, "sum": of their items by place and user}.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathLiteral, withDuck } from '../src/core/data/duck.ts';
import { openInteractions } from '../src/core/data/read.ts';
import { float32 } from '../src/core/engine/index.ts';
import { CancelledError } from '../src/core/errors.ts';
import { generativeModels } from '../src/core/families/generative/generative-models.ts';
import { openGenerative } from '../src/core/families/generative/run-generative.ts';
import { nextItemModels } from '../src/core/families/next-item/next-item-models.ts';
import { recommendAll } from '../src/core/families/recommend.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { namedTensors, writeSafetensors } from '../src/core/files/safetensors.ts';
import { initialise } from '../src/core/layers/index.ts';
import { selectSnapshot, writeSnapshot } from '../src/core/semantic-ids/artefact.ts';
import { setting } from '../src/main/cli/options.ts';

const [model] = process.argv.slice(2);
const [users, length, items, most] = process.argv.slice(3, 7).map(Number);
const overrides = process.argv.slice(7).reduce((all, text) => setting(text, all), {});
const CODES = 64;

/** A data set's folder whose users all have the same number of interactions, of items that a formula scatters. */
async function writeDataset(directory: string): Promise<void> {
  const total = users * length;
  const statistics = { users, items, catalogueItems: items, interactions: total, timeSpan: null };
  const summary = { id: 'all', name: 'all', options: {}, statistics };
  writeFileSync(join(directory, 'dataset.json'), JSON.stringify(summary));
  const into = (file: string) => `${pathLiteral(join(directory, `${file}.parquet`))} (FORMAT parquet)`;
  await withDuck(async (duck) => {
    const item = `(hash(range) % ${items})::INTEGER AS item`;
    await duck.run(`COPY (SELECT ${item} FROM range(${total})) TO ${into('interactions')}`);
    await duck.run(
      `COPY (SELECT ${length}::INTEGER AS interactions FROM range(${users})) TO ${into('users')}`,
    );
  });
}

/** Three codes an item, all different. */
function writeIds(directory: string): void {
  const codes = Int32Array.from({ length: items * 3 }, (_, at) => {
    return Math.floor(Math.floor(at / 3) / CODES ** (2 - (at % 3))) % CODES;
  });
  const collisionTokens = new Int32Array(items);
  const ids = { levels: 3, codebookSizes: [CODES, CODES, CODES], items, codes, collisionTokens };
  writeSnapshot(directory, { step: 1, epoch: 1, ids, codebooks: [] });
  selectSnapshot(directory, 1);
}

const home = mkdtempSync(join(tmpdir(), 'bench-recommend-'));
try {
  await writeDataset(home);
  writeIds(home);
  const tokeniser = { run: 'ids', name: 'ids', model: 'ids', config: {}, dir: home, checkpoint: null };
  const data = await openInteractions(home);
  const generates = generativeModels.find(({ id }) => id === model);
  const names = generates ? { tokeniser: 'ids' } : {};
  const config = resolveConfig(model, { overrides: { ...names, ...overrides } });
  const ranks = nextItemModels.find(({ id }) => id === model);
  const parts = { data, hidden: null, sources: { tokeniser }, folder: home };
  const built = generates
    ? openGenerative(generates, config, parts).model
    : ranks?.kind === 'trained' && ranks.build(config, data);
  if (!built) throw new Error(`no training by steps makes ${model}`);
  const checkpoint = join(home, 'checkpoint.safetensors');
  const values = initialise(built.parameters, 1);
  const specs = Object.entries(built.parameters).map(([name, { shape }]) => [name, float32(...shape)]);
  writeSafetensors(checkpoint, namedTensors(Object.fromEntries(specs), values));
  const before = process.memoryUsage.rss();
  const abort = new AbortController();
  let [lists, sum] = [0, 0];
  const begun = process.cpuUsage();
  const request = {
    ...{ model, config, checkpoint, datasetDir: home, place: 'next' as const, k: 10, seed: 1 },
  };
  const take = (user: number, list: readonly { item: number }[]) => {
    list.forEach(({ item }, place) => {
      sum += item * (place + 1) * (1 + (user % 7));
    });
    if (++lists >= most) abort.abort();
  };
  const all = { ...request, device: 'cpu' as const, threads: 1, sources: { tokeniser } };
  await recommendAll(all, { take, signal: abort.signal }).catch((error: unknown) => {
    if (!(error instanceof CancelledError)) throw error;
  });
  const { user, system } = process.cpuUsage(begun);
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  console.log(JSON.stringify({ before, peak, cpu: (user + system) / 1e6, lists, sum }));
} finally {
  rmSync(home, { recursive: true, force: true });
}
