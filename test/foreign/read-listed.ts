/** Reads generated files of recommendations, and holds what is measured against what they mean. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInteractions, readItemIds, readUserIds } from '../../src/core/data/read.ts';
import { leaveLastOut } from '../../src/core/data/splits/leave-last-out.ts';
import { resultRequestSchema } from '../../src/core/foreign/results/request.ts';
import { measureResults } from '../../src/core/foreign/results/result.ts';
import {
  type HeldOut,
  type ListedFile,
  listedFile,
  looksSampled,
  randomFrom,
  reckon,
} from './listed-files.ts';

export async function heldOutOf(datasetDir: string): Promise<HeldOut> {
  const data = await openInteractions(datasetDir);
  const [users, items] = [await readUserIds(datasetDir), await readItemIds(datasetDir)];
  const split = leaveLastOut(data);
  return {
    items: items.slice(0, data.items),
    users: Array.from(split.usersWithTargets(), (user) => {
      const end = split.testIndex(user);
      const history = new Set(
        Array.from(data.itemIds.subarray(split.start(user), end), (item) => items[item]),
      );
      return { id: users[user], target: items[data.itemIds[end]], history };
    }),
  };
}

/** What is wrong with the reading of the file of a seed; null where nothing is. */
export async function misreading(datasetDir: string, heldOut: HeldOut, seed: number): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-listed-'));
  try {
    const file = await listedFile(folder, heldOut, randomFrom(seed));
    const problem = await compare(datasetDir, heldOut, file);
    return problem && `seed ${seed}, ${file.format}, ${file.oddity}: ${problem}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(datasetDir: string, heldOut: HeldOut, file: ListedFile): Promise<string | null> {
  const { options, written, refused, format, oddity } = file;
  const measure = async (more: object = {}) =>
    measureResults({
      ...resultRequestSchema.parse({
        path: file.path,
        dataset: 'any',
        held: { split: 'leave-last-out' },
        ...options,
        ...more,
      }),
      datasetDir,
    });
  const refusal = async (more?: object) =>
    measure(more).then(
      () => null,
      (error: Error) => error.message,
    );
  if (refused) {
    const message = await refusal();
    return message !== null && refused.test(message) ? null : `${message} in place of ${refused}`;
  }
  const sampled = [...written.values()].some((lists) => looksSampled(lists, heldOut));
  if (sampled) {
    const message = await refusal();
    if (!/sampled candidates/.test(message ?? '')) return `${message}, and lists are samples`;
  }
  const candidates = !sampled ? undefined : oddity === 'sampled' ? 'sampled' : 'all';
  const results = await measure(candidates && { candidates });
  if (results.length !== written.size) return `${results.length} results in place of ${written.size}`;
  for (const { part, metrics, facts } of results) {
    const lists = written.get(part.model ?? null);
    if (!lists) return `no model ${part.model}`;
    const wanted = reckon(lists, heldOut, {
      isByRank: format === 'csv by tied ranks',
      sampled: candidates === 'sampled',
    });
    for (const [name, value] of Object.entries(wanted.metrics))
      if (Math.abs((metrics[name] ?? Number.NaN) - value) > 1e-12 || !(name in metrics))
        return `${name} is ${metrics[name]}, not ${value}`;
    const more = Object.keys(metrics).find(
      (name) => /^test\/(hr|ndcg|mrr)/.test(name) && !(name in wanted.metrics),
    );
    if (more !== undefined) return `${more} is ${metrics[more]}, and nothing is known of it`;
    for (const [name, count] of Object.entries(wanted.facts))
      if (facts[name as keyof typeof wanted.facts] !== count)
        return `${name}: ${facts[name as keyof typeof wanted.facts]}, not ${count}`;
  }
  return null;
}
