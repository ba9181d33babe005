import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../test/store/records.ts';
import { deleteDataset, importInto } from './datasets.ts';

function ratingsFile(name = 'ratings.csv'): string {
  const rows = [1, 2, 3, 4].flatMap((user) =>
    [1, 2, 3].map((item) => `u${user},i${item},4,${100 * user + item}`),
  );
  const path = join(temporaryHome(), name);
  writeFileSync(path, `user,item,rating,timestamp\n${rows.join('\n')}\n`);
  return path;
}

function foldersIn(home: string): string[] {
  return existsSync(join(home, 'datasets')) ? readdirSync(join(home, 'datasets')) : [];
}

describe('the data sets of a home', () => {
  it('are imported under a name of their own, found, and deleted with their files', async () => {
    const store = temporaryStore();
    const summary = await importInto(store, { paths: [ratingsFile()] });
    expect(summary).toMatchObject({ name: 'ratings', statistics: { users: 4, items: 3, interactions: 12 } });
    expect(store.datasets.list()).toEqual([summary]);
    expect(store.datasets.find('ratings')).toEqual(summary);
    expect(readdirSync(store.datasets.folder(summary.id))).toContain('interactions.parquet');
    const run = store.runs.create(newRun(summary));
    expect(() => deleteDataset(store, 'ratings')).toThrow(run.id);
    expect(deleteDataset(store, 'ratings', true)).toEqual(summary);
    expect([store.datasets.list(), foldersIn(store.home)]).toEqual([[], [summary.id]]);
    await store.trash.purgeAll();
    expect([store.datasets.list(), foldersIn(store.home)]).toEqual([[], []]);
    const refs = [{ kind: 'dataset' as const, id: summary.id }];
    expect(() => store.trash.restore(refs)).toThrow('it has been deleted permanently');
  });

  it('come back whole after a deletion, with the runs on them, under a free name where theirs was taken', async () => {
    const store = temporaryStore();
    const summary = await importInto(store, { paths: [ratingsFile()] });
    const refs = [{ kind: 'dataset' as const, id: summary.id }];
    const run = store.runs.create(newRun(summary));
    deleteDataset(store, 'ratings', true);
    expect(store.runs.own(run.id).dataset.id).toBeNull();
    expect(() => store.datasets.find('ratings')).toThrow('no data set');
    store.trash.restore(refs);
    expect(store.datasets.list()).toEqual([summary]);
    expect(store.runs.own(run.id).dataset.id).toBe(summary.id);
    expect(readdirSync(store.datasets.folder(summary.id))).toContain('interactions.parquet');

    deleteDataset(store, 'ratings', true);
    const other = await importInto(store, { paths: [ratingsFile()] });
    store.trash.restore(refs);
    expect(store.datasets.find('ratings').id).toBe(other.id);
    expect(store.datasets.find('ratings-2')).toEqual({ ...summary, name: 'ratings-2' });
    expect(store.runs.own(run.id).dataset).toMatchObject({ id: summary.id, name: 'ratings-2' });
    deleteDataset(store, 'ratings-2', true);
    await store.trash.purgeAll();
    expect(foldersIn(store.home)).toEqual([other.id]);
  });

  it('are refused a taken name before anything is read, and when another import is faster', async () => {
    const store = temporaryStore();
    await importInto(store, { paths: [ratingsFile()] });
    const folders = foldersIn(store.home);
    let phases = 0;
    const count = { onProgress: () => phases++ };
    await expect(importInto(store, { paths: [ratingsFile()] }, count)).rejects.toThrow(
      'already a data set named ratings',
    );
    expect(phases).toBe(0);

    const other = datasetSummary('films');
    const beFaster = { onProgress: () => store.datasets.list().length < 2 && store.datasets.add(other) };
    const slower = importInto(store, { paths: [ratingsFile()], name: 'films' }, beFaster);
    await expect(slower).rejects.toThrow('already a data set named films');
    expect(foldersIn(store.home)).toEqual(folders);
    expect(store.datasets.find('films')).toEqual(other);
  });

  it('leave nothing behind when their file is bad', async () => {
    const store = temporaryStore();
    const path = join(temporaryHome(), 'empty.csv');
    writeFileSync(path, '');
    await expect(importInto(store, { paths: [path] })).rejects.toThrow(path);
    expect([store.datasets.list(), foldersIn(store.home)]).toEqual([[], []]);
  });
});
