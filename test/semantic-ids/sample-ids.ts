/** A sample set with Semantic IDs made of its genres, and trainings on it in this process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { importDataset } from '../../src/core/data/import/import.ts';
import { openInteractions, readItemCards } from '../../src/core/data/read.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { CancelledError } from '../../src/core/errors.ts';
import { runTraining } from '../../src/core/families/trainer.ts';
import { Random } from '../../src/core/math/random.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../src/core/semantic-ids/artefact.ts';
import { collisionTokens, type ItemMatrix } from '../../src/core/semantic-ids/types.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../../src/core/training/events.ts';

export const home = mkdtempSync(join(tmpdir(), 'tessera-generative-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

export const CODES = 8;
export const tokeniser = {
  run: 'ids',
  name: 'ids',
  model: 'ids',
  config: {},
  dir: join(home, 'ids'),
  checkpoint: null,
};

/** Another import of the sample's tables; `edit` gets the lines of the ratings. */
export async function importSample(name: string, edit: (lines: string[]) => string[]): Promise<string> {
  const folder = join(home, name);
  const [ratings] = writeSample(folder, { users: 150, items: 120, seed: 1 });
  const [head, ...lines] = readFileSync(ratings, 'utf8').trim().split('\n');
  writeFileSync(ratings, `${[head, ...edit(lines)].join('\n')}\n`);
  const { id } = await importDataset({ paths: [folder] }, { home });
  return join(home, 'datasets', id);
}

/** The sample set, and three codes an item: its genre, then two digits of its place in it; items of the last genre have none. */
async function prepare(): Promise<string> {
  writeSample(join(home, 'sample'), { users: 150, items: 120, seed: 1 });
  const { id } = await importDataset({ paths: [join(home, 'sample')] }, { home });
  const dataset = join(home, 'datasets', id);
  const { catalogueItems: items } = await openInteractions(dataset);
  const cards = await readItemCards(
    dataset,
    Array.from({ length: items }, (_, item) => item),
  );
  const genres = [...new Set(cards.map(({ side }) => String(side.genres).split('|')[0]))].sort();
  const places = new Map<number, number>();
  const codes = new Int32Array(items * 3).fill(-1);
  for (const { item, side } of cards) {
    const genre = genres.indexOf(String(side.genres).split('|')[0]);
    const place = places.get(genre) ?? 0;
    places.set(genre, place + 1);
    if (genre === genres.length - 1) continue;
    codes.set(
      [genre % CODES, Math.floor(place / 2) % CODES, Math.floor(place / 2 / CODES) % CODES],
      item * 3,
    );
  }
  const ids = { levels: 3, codebookSizes: [CODES, CODES, CODES], items, codes };
  writeSnapshot(tokeniser.dir, {
    step: 1,
    epoch: 1,
    ids: { ...ids, collisionTokens: collisionTokens(codes, 3) },
    codebooks: [],
  });
  writeSpace(tokeniser.dir, { vectors: contentOf(codes, items), latents: null });
  selectSnapshot(tokeniser.dir, 1);
  return dataset;
}

/** Vectors that tell the genre, and a little of the item. */
function contentOf(codes: Int32Array, items: number): ItemMatrix {
  const random = new Random(5);
  const dim = CODES + 4;
  const data = Float32Array.from({ length: items * dim }, (_, at) => {
    const [item, axis] = [Math.floor(at / dim), at % dim];
    return (axis < CODES ? Number(codes[item * 3] === axis) : 0) + 0.2 * random.normal();
  });
  return { items, dim, data };
}

/** Folder of the data set. */
export const prepared = prepare();

export interface Trained {
  result: RunResult | null;
  losses: number[];
  /** Values by metric, the loss of steps among them. */
  series: Record<string, number[]>;
  /** Lines of the log. */
  said: string[];
  last: string;
  /** Files of the best epochs, newest last. */
  best: string[];
}

export interface TrainOptions {
  resumeFrom?: string;
  stopAtEpoch?: number;
  /** Stops once that epoch has its last step, before it is validated. */
  stopBeforeValidation?: number;
  /** Runs that the config names besides. */
  sources?: TrainSpec['sources'];
  /** Checkpoint that is tested in place of a training. */
  evaluate?: string;
  /** Folder of another data set than the sample. */
  dataset?: string;
}

/** Trains a model on the sample with its IDs as the worker does. */
export async function trainOnSample(
  name: string,
  model: string,
  config: Record<string, unknown>,
  options: TrainOptions = {},
): Promise<Trained> {
  const abort = new AbortController();
  const series: Record<string, number[]> = {};
  const best: string[] = [];
  const said: string[] = [];
  let last = '';
  const emit = (event: TrainerEvent) => {
    if (event.type === 'series') {
      for (const { metric, values } of event.points) {
        series[metric] = [...(series[metric] ?? []), ...values];
      }
    }
    if (event.type === 'log') said.push(event.message);
    if (event.type === 'progress' && event.phase === 'train' && event.done === event.total)
      if (event.epoch === options.stopBeforeValidation) abort.abort();
    if (event.type !== 'checkpoint') return;
    if (event.checkpoint.kind === 'best') best.push(event.checkpoint.path);
    if (event.checkpoint.kind !== 'last') return;
    last = event.checkpoint.path;
    if (event.checkpoint.epoch === options.stopAtEpoch) abort.abort();
  };
  const spec = {
    ...({ runId: name, seed: 3, device: 'cpu', threads: 1, resumeFrom: options.resumeFrom ?? null } as const),
    model,
    config,
    datasetDir: options.dataset ?? (await prepared),
    runDir: join(home, name),
    evaluate: options.evaluate
      ? { path: options.evaluate, kind: 'last' as const, epoch: 1, splits: ['test' as const] }
      : null,
    sources: { tokeniser, ...options.sources },
  };
  const told = () => ({ losses: series['train/loss'] ?? [], series, said, last, best });
  try {
    return { result: await runTraining(spec, emit, abort.signal), ...told() };
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return { result: null, ...told() };
  }
}

/** Of each user of the test, the list, its target and that one's rank. */
export function testRanks({ result }: Trained) {
  const ranks = result?.ranks.find(({ split }) => split === 'test');
  if (!ranks) throw new Error('nothing was tested');
  return ranks;
}
