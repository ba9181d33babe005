/** A home with a catalogue of a million items whose tokeniser is there, imported and written as any other. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { readItemIds } from '../../src/core/data/read.ts';
import { Random } from '../../src/core/math/random.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../src/core/semantic-ids/artefact.ts';
import { collisionTokens } from '../../src/core/semantic-ids/types.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { type MadeCatalogue, madeCatalogue } from '../../test/semantic-ids/catalogue.ts';
import { completeRun } from '../../test/store/home.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');
const NAME = 'large';
const USERS = 50_000;
const LENGTH = 40;
const LEVELS = 3;
const CODES = 256;
const DIM = 32;
const KINDS = 12;

export interface LargeCatalogue {
  items: number;
  interactions: number;
  levels: number;
  codes: number;
  dim: number;
  run: string;
}

export async function writeLargeCatalogue(home: string, items: number): Promise<LargeCatalogue> {
  const made = madeCatalogue({ items, levels: LEVELS, codes: CODES, dim: DIM, kinds: KINDS, dead: 0.03 });
  const folder = join(home, 'files');
  mkdirSync(folder, { recursive: true });
  await writeItems(join(folder, 'items.csv'), made);
  await writeSequences(join(folder, 'sequences.txt'), items);
  execFileSync(process.execPath, [CLI, '--home', home, 'datasets', 'import', folder, '--name', NAME]);
  const run = await writeTokeniser(home, made);
  return { items, interactions: USERS * LENGTH, levels: LEVELS, codes: CODES, dim: DIM, run };
}

async function writeItems(path: string, { kinds }: MadeCatalogue): Promise<void> {
  const file = createWriteStream(path);
  file.write('item,title,categories\n');
  for (const [item, kind] of kinds.entries()) {
    const line = `${item},Thing ${item} of kind ${kind},All|Kind ${kind}|Kind ${kind}.${item % 7}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

/** Popular items come first; a user's next item is mostly near the last one. */
async function writeSequences(path: string, items: number): Promise<void> {
  const random = new Random(1, 0, 'sequences');
  const file = createWriteStream(path);
  for (let user = 0; user < USERS; user++) {
    const start = Math.floor(items * random.uniform() ** 2);
    const history = Array.from({ length: LENGTH }, () => (start + random.below(2_000)) % items);
    const line = `${user} ${history.join(' ')}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

/** The import has an order of items of its own. */
async function writeTokeniser(home: string, { ids, vectors, codebooks }: MadeCatalogue): Promise<string> {
  const store = openStore(home);
  try {
    const { id, name, fingerprint } = store.datasets.find(NAME);
    const order = (await readItemIds(store.datasets.folder(id))).map(Number);
    const codes = new Int32Array(ids.codes.length);
    const data = new Float32Array(vectors.data.length);
    for (const [item, from] of order.entries()) {
      codes.set(ids.codes.subarray(from * LEVELS, (from + 1) * LEVELS), item * LEVELS);
      data.set(vectors.data.subarray(from * DIM, (from + 1) * DIM), item * DIM);
    }
    const run = store.runs.create({
      ...{ name: 'large-tokeniser', model: 'rq-vae', config: {}, seed: 1 },
      ...{ dataset: { id, name, fingerprint }, requestedDevice: 'cpu', threads: 1, codeVersion: '0.1.0' },
    });
    const runDir = store.runs.folder(run.id);
    const tokens = collisionTokens(codes, LEVELS);
    writeSnapshot(runDir, { step: 1, epoch: 1, ids: { ...ids, codes, collisionTokens: tokens }, codebooks });
    writeSpace(runDir, { vectors: { items: ids.items, dim: DIM, data }, latents: null });
    selectSnapshot(runDir, 1);
    completeRun(store, run.id);
    return run.id;
  } finally {
    store.close();
  }
}
