/** What a home came to, so that two of them can be compared digit for digit. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { canonicalJson } from '../../src/core/evaluation/protocol.ts';
import { databaseOf } from '../../src/core/store/home/home-paths.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { RunRecord } from '../../src/core/store/types.ts';
import { namedSources } from '../../src/core/training/sources.ts';

export interface DigestedRun {
  name: string;
  metrics: Record<string, number>;
  /** Of every split, the hash of users, targets, ranks and lists. */
  ranks: Record<string, string>;
}

export interface Digest {
  /** By what a run is of: model, settings, data and seed. Ids differ between homes. */
  runs: Record<string, DigestedRun[]>;
  /** By file. */
  tables: Record<string, string>;
}

const MOST_RUNS = 100_000;
const hash = (...parts: (string | Uint8Array)[]): string => {
  const all = createHash('sha256');
  for (const part of parts) all.update(part);
  return all.digest('hex');
};

export function digestOf(home: string, tables: string): Digest {
  const store = openStore(home);
  try {
    const measured = store.runs.newest(MOST_RUNS).filter(({ status }) => status === 'completed');
    const runs = Map.groupBy(measured, (run) => subject(store, run));
    const digested = [...runs].map(([key, same]): [string, DigestedRun[]] => [
      key,
      same.map(({ id, name, metrics }) => ({ name, metrics, ranks: rankHashes(store, id) })),
    ]);
    const files = existsSync(tables) ? readdirSync(tables) : [];
    return {
      runs: Object.fromEntries(digested),
      tables: Object.fromEntries(files.sort().map((file) => [file, hash(readFileSync(join(tables, file)))])),
    };
  } finally {
    store.close();
  }
}

function subject(store: Store, run: RunRecord): string {
  if (run.kind !== 'own') return canonicalJson([run.kind, run.program, run.model, run.seed]);
  const sources = namedSources(run.config).map(([key, id]) => [key, subject(store, store.runs.get(id))]);
  const config = { ...run.config, ...Object.fromEntries(sources) };
  return canonicalJson([run.model, config, run.dataset.fingerprint, run.seed]);
}

function rankHashes(store: Store, run: string): Record<string, string> {
  const splits = ['test', 'final', 'valid'] as const;
  return Object.fromEntries(
    splits.flatMap((split) => {
      const found = store.ranks.read(run, split);
      if (!found) return [];
      const columns = [found.users, found.targets, found.ranks, found.historyLengths, found.topItems];
      const bytes = columns.map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      );
      return [[split, hash(...bytes)]];
    }),
  );
}

/** How many runs are complete, and the names of those that train, as the home says it: a store that is opened would settle what a kill has left. */
export function trainedNow(home: string): { done: number; training: string[] } {
  const path = databaseOf(home);
  if (!existsSync(path)) return { done: 0, training: [] };
  const database = new Database(path, { readonly: true });
  try {
    const named = (status: string) =>
      database.prepare('SELECT name FROM runs WHERE status = ? ORDER BY id').pluck().all(status) as string[];
    return { done: named('completed').length, training: named('running') };
  } catch {
    // Killed before it had tables.
    return { done: 0, training: [] };
  } finally {
    database.close();
  }
}

export interface Compared {
  runs: number;
  metrics: number;
  rankSets: number;
  tables: number;
  /** What is not equal, one line each. */
  differences: string[];
}

export function compareDigests(whole: Digest, killed: Digest): Compared {
  const differences: string[] = [];
  const counts = { metrics: 0, rankSets: 0 };
  const check = (what: string, one: unknown, other: unknown) => {
    if (!Object.is(one, other)) differences.push(`${what}: ${one} and ${other}`);
  };
  for (const key of union(whole.runs, killed.runs)) {
    const [[one], [other]] = [whole.runs[key] ?? [], killed.runs[key] ?? []];
    const name = one?.name ?? other?.name;
    check(`runs of ${name}`, whole.runs[key]?.length ?? 0, killed.runs[key]?.length ?? 0);
    if (!one || !other) continue;
    for (const metric of union(one.metrics, other.metrics)) {
      check(`${metric} of ${name}`, one.metrics[metric], other.metrics[metric]);
      counts.metrics++;
    }
    for (const split of union(one.ranks, other.ranks)) {
      check(`ranks (${split}) of ${name}`, one.ranks[split], other.ranks[split]);
      counts.rankSets++;
    }
  }
  const tables = union(whole.tables, killed.tables);
  for (const file of tables) check(file, whole.tables[file], killed.tables[file]);
  return { runs: union(whole.runs, killed.runs).length, ...counts, tables: tables.length, differences };
}

const union = (one: object, other: object): string[] => [
  ...new Set([...Object.keys(one), ...Object.keys(other)]),
];
