import { appendFileSync, cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENDED, ForeignWriter } from '../../../../test/store/foreign-writer.ts';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { adoptFolder } from '../files/adopt.ts';
import { writeFiles } from '../files/write-files.ts';
import { openStore } from '../open-store.ts';
import { orphanedRuns, settleLostRuns } from '../runs/lost-runs.ts';
import { newRunId } from '../runs/run-id.ts';
import { runTableQuery } from '../table/run-table-types.ts';
import { takeInForeignRuns } from './foreign-runs.ts';

/** A home with a run of another program that has ended in some way; what the store has of it. */
function ended(end: (writer: ForeignWriter) => void, run: object = {}) {
  const home = temporaryHome();
  openStore(home).close();
  const writer = new ForeignWriter(home, run, ENDED);
  end(writer);
  const store = temporaryStore(home);
  return { store, writer, run: store.runs.get(writer.id) };
}

describe('a run that another program writes', () => {
  it('has what that program tells of it, and nothing else', () => {
    const facts = {
      model: 'BERT4Rec',
      dataset: 'ml-1m',
      seed: 7,
      config: { dim: 64, note: 'ü', deep: { a: [1] } },
    };
    const { run } = ended(
      (writer) => writer.write({ type: 'finished', metrics: { 'test/ndcg@10': 0.25, odd: 'NaN' } }),
      {
        ...facts,
        name: 'the one',
      },
    );
    expect(run).toMatchObject({
      ...{ kind: 'imported', program: 'PyTorch 2.6', status: 'completed', name: 'the one', ...facts },
      dataset: { id: null, name: 'ml-1m', fingerprint: null },
      ...{ metrics: {}, stated: { 'test/ndcg@10': 0.25, odd: Number.NaN }, protocol: null },
    });
    expect(ended(() => {}).run).toMatchObject({
      name: 'PyTorch 2.6',
      model: null,
      config: null,
      dataset: null,
      seed: null,
    });
  });

  it('is running while its process lives, and is told apart when that was killed, failed or finished', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const living = new ForeignWriter(home);
    expect(takeInForeignRuns(store)).toEqual([living.id]);
    expect(takeInForeignRuns(store)).toEqual([]);
    expect(orphanedRuns(store).map(({ run }) => run)).toEqual([living.id]);
    expect(settleLostRuns(store)).toEqual([]);
    expect(store.runs.get(living.id).status).toBe('running');
    const statusAfter = (record: object | null) =>
      ended((writer) => record && writer.write(record)).run.status;
    expect(statusAfter(null)).toBe('interrupted');
    expect(statusAfter({ type: 'failed', outcome: 'failed', message: 'no', log: null })).toBe('failed');
    expect(statusAfter({ type: 'failed', outcome: 'out-of-memory', message: null, log: null })).toBe(
      'out-of-memory',
    );
    expect(statusAfter({ type: 'finished', metrics: {} })).toBe('completed');
  });

  it('keeps its curves and its log, and says what it passed over', () => {
    const { store, writer } = ended((writer) => {
      writer.log('val_loss', [1, 2], [0.5, 'NaN']);
      writer.log('val_loss', [2, 2.5, 3, 1], [9, 9, 0.25, 9]);
      writer.log('val_loss', [5, 4], [0.1]);
      writer.write({ type: 'log', level: 'warn', message: 'lr is high' });
      writer.write({ type: 'checkpoint', checkpoint: { path: 'a.pt', epoch: 1, step: 1, kind: 'last' } });
      appendFileSync(writer.path, '7 00000000 {"a":1}\n12 cut');
    });
    const { steps, values } = store.series.read(writer.id, 'val_loss');
    expect([steps, values]).toEqual([
      [1, 2, 3, 5],
      [0.5, Number.NaN, 0.25, 0.1],
    ]);
    expect(store.checkpoints.list(writer.id)).toEqual([]);
    expect(store.logs.list(writer.id).map(({ message }) => message)).toEqual([
      'Skipped points of val_loss whose step does not grow: the first at step 2',
      'lr is high',
      'Skipped points of val_loss: 2.5 is no step: a whole number from 0 on',
      'Skipped values of val_loss: a missing value is not a finite number',
      `Skipped records "checkpoint": only Tessera's own trainers write them`,
      expect.stringMatching(/^Skipped damaged lines: the first at byte \d+ of events-1-1\.jsonl$/),
    ]);
    // What it was killed in the middle of is no sign of life.
    expect(takeInForeignRuns(store)).toEqual([]);
    expect(store.runs.get(writer.id).status).toBe('interrupted');
  });

  it('cannot say that something was measured', () => {
    const protocol = { dataset: 'x', split: 'leave-last-out' };
    const result = { status: 'completed', epochs: 1, selectedEpoch: 1, seconds: 1, ranks: [], protocol };
    const { run, store } = ended((writer) =>
      writer.write({ type: 'result', result: { ...result, metrics: { 'test/ndcg@10': 0.9 } } }),
    );
    expect(run).toMatchObject({ status: 'completed', metrics: {}, protocol: null });
    expect(store.table.totals().metrics).toEqual([]);
  });

  it('is neither begun nor queued, and stands alone in the table where it does not name its data', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const facts = { model: 'BERT4Rec', config: { dim: 8 } };
    const writers = [1, 2].map((seed) => new ForeignWriter(home, { ...facts, seed }, ENDED));
    for (const writer of writers) writer.write({ type: 'finished', metrics: { 'test/hr@10': 0.5 } });
    while (store.foreign.unknown(writers.map(({ id }) => id)).length > 0) takeInForeignRuns(store);
    while (store.lifecycle.lost().length > 0) settleLostRuns(store);
    const [{ id }] = writers;
    expect(() => store.lifecycle.begin(id, null)).toThrow('belongs to another program');
    expect(() => store.lifecycle.requeue(id)).toThrow('belongs to another program');
    expect(() => store.runs.own(id)).toThrow('comes from PyTorch 2.6; this needs a run that Tessera trained');
    const own = addRun(store, { model: 'BERT4Rec', config: { dim: 8 } });
    const query = runTableQuery.parse({ fold: true, metrics: ['test/hr@10'], groupBy: 'dataset' });
    const { rows } = store.table.page(query);
    expect(rows.map(({ kind, runs, dataset }) => [kind, runs.length, dataset?.name ?? null])).toEqual([
      ['own', 1, own.dataset.name],
      ['imported', 1, null],
      ['imported', 1, null],
    ]);
    expect(rows[1].metrics['test/hr@10']).toEqual({ mean: 0.5, std: null, count: 1, stated: true });
    expect(store.table.places(query)).toEqual({});
    expect(store.runs.withModel(['BERT4Rec']).map((run) => run.id)).toEqual([own.id]);
  });

  it('goes on where it was taken for killed and writes again', () => {
    const last = 1_790_000_000_000;
    const { store, writer, run } = ended((writer) => {
      writer.log('loss', [1]);
      utimesSync(writer.path, last / 1000, last / 1000);
    });
    expect([run.status, run.endedAt]).toEqual(['interrupted', last]);
    writer.log('loss', [2]);
    writer.write({ type: 'finished', metrics: {} });
    takeInForeignRuns(store);
    settleLostRuns(store);
    expect(store.runs.get(writer.id).status).toBe('completed');
    expect(store.series.read(writer.id, 'loss').steps).toEqual([1, 2]);
  });

  it('does not come back once it has been deleted permanently', async () => {
    const { store, writer } = ended((writer) => writer.write({ type: 'finished', metrics: {} }));
    store.trash.put('run', [writer.id]);
    await store.trash.purgeDirectly('run', writer.id);
    new ForeignWriter(store.home, {}, ENDED);
    expect(takeInForeignRuns(store)).toHaveLength(1);
    expect(store.runs.exists(writer.id)).toBe(false);
  });

  it('is adopted with its notes where a database knew it before, and not begun again by its journal', async () => {
    const { store, writer } = ended((writer) => writer.write({ type: 'finished', metrics: {} }));
    store.table.annotate(writer.id, { notes: 'the good one' });
    await writeFiles(store);
    const other = temporaryHome();
    openStore(other).close();
    cpSync(join(store.home, 'runs', writer.id), join(other, 'runs', writer.id), { recursive: true });
    const next = temporaryStore(other);
    expect(takeInForeignRuns(next)).toEqual([]);
    expect(next.runs.exists(writer.id)).toBe(false);
    adoptFolder(next, `runs/${writer.id}`);
    expect(next.table.annotations(writer.id)).toMatchObject({ notes: 'the good one' });
    // A file of that name that is another program's own keeps no run from being shown.
    const theirs = new ForeignWriter(other, {}, ENDED);
    writeFileSync(join(other, 'runs', theirs.id, 'run.json'), '{"epochs": 3}');
    expect(takeInForeignRuns(next)).toEqual([theirs.id]);
  });

  it('is not what some other folder holds', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    for (const [name, text] of [
      ['events-1-1.jsonl', ''],
      ['events-1-2.jsonl', '{"type":"run"}\n'],
      ['notes.txt', 'mine'],
    ]) {
      const folder = join(home, 'runs', newRunId());
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    mkdirSync(join(home, 'runs', 'not an id'));
    expect(takeInForeignRuns(store)).toEqual([]);
    expect(store.runs.count()).toBe(0);
  });
});
