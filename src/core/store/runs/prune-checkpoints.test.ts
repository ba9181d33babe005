import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import type { Store } from '../store.ts';
import type { NewRun } from '../types.ts';
import { type KeptKind, prune, spareCheckpoints } from './prune-checkpoints.ts';

let store: Store;
beforeEach(() => {
  store = temporaryStore();
});

const FILES = ['best-1', 'best-2', 'last-20'];

/** A run that begins anew forgets those that it had: `act` comes before them. */
function withCheckpoints(act: (id: string) => void, changes: Partial<NewRun> = {}, names = FILES): string {
  const { id } = addRun(store, changes);
  act(id);
  const folder = join(store.runs.folder(id), 'checkpoints');
  mkdirSync(folder, { recursive: true });
  for (const [at, name] of names.entries()) {
    const path = join(folder, `${name}.safetensors`);
    writeFileSync(path, '12345');
    writeFileSync(join(folder, `${name}.json`), '{}');
    const kind = name.startsWith('best') ? 'best' : 'last';
    store.checkpoints.add(id, { path, epoch: Number(/\d+/.exec(name)?.[0]), step: at, kind });
  }
  return id;
}

function completed(changes: Partial<NewRun> = {}, names = FILES): string {
  return withCheckpoints((id) => completeRun(store, id, { selectedEpoch: 2 }), changes, names);
}

const files = (id: string) =>
  FILES.filter((name) => existsSync(join(store.runs.folder(id), 'checkpoints', `${name}.safetensors`)));

const look = (keep: readonly KeptKind[] = [], endedBefore = Number.POSITIVE_INFINITY) =>
  Object.fromEntries(
    spareCheckpoints(store, store.runs.list(), { keep, endedBefore }).map(({ run, checkpoints }) => [
      run.id,
      checkpoints.map(({ path }) => basename(path, '.safetensors')).toSorted(),
    ]),
  );

describe('what a rule does without', () => {
  it('is everything but what it keeps: the tested one and the newest', () => {
    const id = completed();
    expect(look(['best'])).toEqual({ [id]: ['best-1', 'last-20'] });
    expect(look(['last'])).toEqual({ [id]: ['best-1', 'best-2'] });
    expect(look(['best', 'last'])).toEqual({ [id]: ['best-1'] });
    expect(look([])).toEqual({ [id]: FILES });
    expect(look([], 0)).toEqual({});
  });

  it('is never the only one, where the last was tested', () => {
    completed({}, ['last-20']);
    expect(look(['best'])).toEqual({});
  });

  it('is nothing of a run that may be resumed, or that another rests on', () => {
    withCheckpoints(() => {});
    withCheckpoints((id) => store.lifecycle.begin(id, null));
    withCheckpoints((id) => {
      store.lifecycle.begin(id, null);
      store.lifecycle.end(id, 'failed', 'no');
    });
    const [start, measured] = [completed(), completed()];
    const from = completed({ config: { startFrom: start } });
    const { path } = store.checkpoints.list(measured)[0];
    const evaluates = {
      run: measured,
      name: 'm',
      path,
      kind: 'last' as const,
      epoch: 1,
      splits: ['test' as const],
    };
    const evaluation = addRun(store, { evaluates });
    expect(Object.keys(look())).toEqual([from]);
    // Also where the other lies in the trash, from which it may come back.
    store.trash.put('run', [from, evaluation.id]);
    expect(look()).toEqual({});
  });
});

it('is deleted with its state, and what has come to be needed meanwhile is not', () => {
  const [kept, gone] = [completed(), completed()];
  const rule = { keep: ['best'], endedBefore: Number.POSITIVE_INFINITY } as const;
  const found = spareCheckpoints(store, store.runs.list(), rule);
  expect(found.map(({ checkpoints }) => checkpoints.reduce((sum, { bytes }) => sum + bytes, 0))).toEqual([
    14, 14,
  ]);
  addRun(store, { config: { startFrom: kept } });
  expect(prune(store, found, rule).map(({ run }) => run.id)).toEqual([gone]);
  expect([files(kept), files(gone)]).toEqual([FILES, ['best-2']]);
  expect(existsSync(join(store.runs.folder(gone), 'checkpoints', 'last-20.json'))).toBe(false);
  expect(store.checkpoints.list(gone)).toHaveLength(1);
  expect(prune(store, found, rule)).toEqual([]);
});
