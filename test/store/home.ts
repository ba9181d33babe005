import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { protocolFingerprint } from '../../src/core/evaluation/protocol.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { NewRun, OwnRun } from '../../src/core/store/types.ts';
import type { RunResult } from '../../src/core/training/events.ts';
import { datasetSummary, newRun, RESULT } from './records.ts';

/** An empty folder that goes when the test ends. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
  onTestFinished(() => {
    try {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      // Windows keeps a database that is closed after this.
      if (process.platform !== 'win32') throw error;
    }
  });
  return home;
}

export function temporaryStore(home = temporaryHome()): Store {
  const store = openStore(home);
  onTestFinished(() => store.close());
  return store;
}

/** A store's first data set and a queued run on it. */
export function addRun(store: Store, changes: Partial<NewRun> = {}): OwnRun {
  const dataset = store.datasets.list()[0] ?? datasetSummary('beauty');
  if (store.datasets.list().length === 0) store.datasets.add(dataset);
  return store.runs.create(newRun(dataset, changes));
}

/** Trains a run in name alone: what it came to is what is given, else a usual result. */
export function completeRun(store: Store, id: string, result: Partial<RunResult> = {}): void {
  const whole = { ...RESULT, ...result };
  store.lifecycle.begin(id, null);
  store.runs.setResult(id, whole, protocolFingerprint(whole.protocol));
  store.lifecycle.end(id, 'completed', null);
}
