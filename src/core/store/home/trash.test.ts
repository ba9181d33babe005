import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { tessera } from '../../../../test/store/tessera.ts';
import { UserError } from '../../errors.ts';
import { ownIdentity } from '../../process-identity.ts';
import type { StudySpec } from '../../studies/study.ts';
import { openStore } from '../open-store.ts';
import { newRunId } from '../runs/run-id.ts';
import type { Store } from '../store.ts';
import { strayFolders } from './stray-folders.ts';
import type { TrashRef } from './trash-types.ts';

function write(store: Store, path: string, bytes = 0): void {
  mkdirSync(join(store.home, path, '..'), { recursive: true });
  writeFileSync(join(store.home, path), Buffer.alloc(bytes));
}

const checkpointOf = (run: string) => `runs/${run}/checkpoints/last-1.safetensors`;

/** One of each kind. */
function furnish(store: Store): TrashRef[] {
  const run = addRun(store);
  write(store, checkpointOf(run.id), 1000);
  const dataset = datasetSummary('films');
  store.datasets.add(dataset);
  write(store, `datasets/${dataset.id}/dataset.json`, 30);
  const spec = { kind: 'law', dataset: run.dataset } as unknown as StudySpec;
  const sweep = { kind: 'sweep', dataset: run.dataset } as unknown as StudySpec;
  return [
    { kind: 'run', id: run.id },
    { kind: 'dataset', id: dataset.id },
    { kind: 'study', id: store.studies.create('law', spec).id },
    { kind: 'sweep', id: store.studies.create('rates', sweep).id },
    { kind: 'project', id: store.projects.create('Histories').id },
    {
      kind: 'comparison',
      id: store.comparisons.save({ name: 'Paper', notes: '', runs: [run.id], project: null }).id,
    },
  ];
}

function listed(store: Store): string[] {
  const { runs, datasets, studies, projects, comparisons } = store;
  return [runs, datasets, studies, projects, comparisons].flatMap((kind) => kind.list().map(({ id }) => id));
}

function putAll(store: Store, refs: readonly TrashRef[]): void {
  for (const { kind, id } of refs) if (kind !== 'folder') store.trash.put(kind, [id]);
}

describe('the trash', () => {
  it('holds all kinds of things with their sizes, out of every list, and gives them back', async () => {
    const store = temporaryStore();
    const refs = furnish(store);
    const before = listed(store);
    putAll(store, refs);
    expect(listed(store).filter((id) => refs.some((ref) => ref.id === id))).toEqual([]);
    const items = await store.trash.list();
    expect(items.map(({ kind, name, bytes }) => [kind, name, bytes]).sort()).toEqual([
      ['comparison', 'Paper', null],
      ['dataset', 'films', 30],
      ['project', 'Histories', null],
      ['run', 'sasrec-beauty-seed1', 1000],
      ['study', 'law', null],
      ['sweep', 'rates', null],
    ]);
    for (const { kind, purgedAt } of items)
      if (kind !== 'folder') expect(store.trash.kept(kind)).toEqual({ count: 1, purgedAt });
    const again = temporaryStore(store.home);
    again.trash.restore(refs);
    expect(again.trash.kept('run')).toEqual({ count: 0, purgedAt: null });
    expect(listed(again)).toEqual(before);
    expect(await again.trash.list()).toEqual([]);
    // What is listed is not deleted by mistake.
    await again.trash.purge(refs);
    expect(listed(again)).toEqual(before);
    expect(existsSync(join(store.home, checkpointOf(refs[0].id)))).toBe(true);
  });

  it('deletes permanently what is chosen or old, with all files, and nothing else', async () => {
    const store = temporaryStore();
    const refs = furnish(store);
    putAll(store, refs);
    await store.trash.purgeOld();
    expect(await store.trash.list()).toHaveLength(6);
    await store.trash.purge([refs[0]]);
    expect(existsSync(store.runs.folder(refs[0].id))).toBe(false);
    await store.trash.purgeAll();
    expect(await store.trash.list()).toEqual([]);
    expect(existsSync(store.datasets.folder(refs[1].id))).toBe(false);
    for (const ref of refs)
      expect(() => store.trash.restore([ref])).toThrow('cannot be restored: it has been deleted permanently');
  });

  it('counts the days on which it is looked at, not what the clock says', async () => {
    const store = temporaryStore();
    const refs = furnish(store);
    const day = 24 * 3_600_000;
    const clock = new Date(Date.now() - 400 * day);
    vi.useFakeTimers({ toFake: ['Date'], now: clock });
    onTestFinished(() => void vi.useRealTimers());
    putAll(store, refs);
    vi.useRealTimers();
    const now = Date.now();
    // The clock was 400 days behind when it was deleted, and jumps ahead a year.
    for (const at of [now, now, now + 365 * day]) await store.trash.purgeOld(at);
    expect(await store.trash.list()).toHaveLength(refs.length);
    store.trash.restore([refs[0]]);
    store.trash.put('run', [refs[0].id]);
    for (let at = 1; at <= 28; at++) await store.trash.purgeOld(now + at * day);
    expect(await store.trash.list()).toHaveLength(refs.length);
    await store.trash.purgeOld(now + 29 * day);
    expect((await store.trash.list()).map(({ id }) => id)).toEqual([refs[0].id]);
  });

  it('removes no folder outside of its home, whatever a restored database names', async () => {
    const beside = temporaryHome();
    const store = temporaryStore(join(beside, 'home'));
    mkdirSync(join(beside, 'thesis'));
    const database = new Database(join(store.home, 'tessera.db'));
    const add = database.prepare(
      `INSERT INTO runs (id, name, status, created_at, deleted_at) VALUES (?, 'x', 'failed', 1, 1)`,
    );
    for (const id of ['../../thesis', '..', '.', '../../../etc-of-nobody']) add.run(id);
    database.close();
    await store.trash.purgeAll();
    expect(existsSync(join(beside, 'thesis'))).toBe(true);
    expect(existsSync(join(store.home, 'tessera.db'))).toBe(true);
  });

  it('frees names, and restores under a free one', () => {
    const store = temporaryStore();
    const spec = { kind: 'law' } as unknown as StudySpec;
    const made = [1, 2, 3].map(() => {
      const study = store.studies.create('law', spec).id;
      const project = store.projects.create('Histories').id;
      store.trash.put('study', [study]);
      store.trash.put('project', [project]);
      return { study, project };
    });
    for (const { study, project } of made) {
      store.trash.restore([
        { kind: 'study', id: study },
        { kind: 'project', id: project },
      ]);
    }
    expect(
      store.studies
        .list()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['law', 'law-2', 'law-3']);
    expect(store.projects.list().map(({ name }) => name)).toEqual([
      'Histories',
      'Histories-2',
      'Histories-3',
    ]);
  });

  it('is for what there is and does not train', () => {
    const store = temporaryStore();
    const [training, other] = [addRun(store).id, addRun(store, { seed: 2 }).id];
    store.lifecycle.begin(training, null);
    expect(() => store.trash.put('run', [other, training])).toThrow(
      'is running: cancel it before deleting it',
    );
    expect(() => store.trash.put('run', [other, 'nothing'])).toThrow('there is no run nothing');
    expect(store.runs.list()).toHaveLength(2);
    store.trash.put('run', [other]);
    for (const train of [() => store.lifecycle.begin(other, null), () => store.lifecycle.requeue(other)])
      expect(train).toThrow('is in the trash: restore it first');
  });

  it('keeps a run that trains, however it came there', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const training = addRun(store).id;
    store.lifecycle.begin(training, null);
    const database = new Database(join(home, 'tessera.db'));
    database.exec('UPDATE runs SET deleted_at = 1');
    database.close();
    await store.trash.purgeAll();
    await store.trash.purge([{ kind: 'run', id: training }]);
    expect(store.runs.exists(training)).toBe(true);
    store.lifecycle.end(training, 'cancelled', null);
    await store.trash.purgeAll();
    expect(store.runs.exists(training)).toBe(false);
  });

  it('takes no folder for unknown whose row is written while it looks', async () => {
    const home = temporaryHome();
    const known = (folder: string) => {
      mkdirSync(join(home, folder, 'later'), { recursive: true });
      return new Set([`${folder}/before`]);
    };
    for (const name of ['before', 'stray']) mkdirSync(join(home, 'runs', name), { recursive: true });
    expect(await strayFolders(home, known)).toEqual(['runs/stray']);
  });

  it('keeps what another process restored between the look and the deletion', async () => {
    const store = temporaryStore();
    const ids = Array.from({ length: 250 }, (_, seed) => addRun(store, { seed }).id);
    for (const id of ids) write(store, checkpointOf(id));
    store.trash.put('run', ids);
    const purge = store.trash.purgeAll();
    const last = ids.at(-1) as string;
    temporaryStore(store.home).trash.restore([{ kind: 'run', id: last }]);
    await purge;
    expect(store.runs.list().map(({ id }) => id)).toEqual([last]);
    expect(ids.filter((id) => existsSync(join(store.home, checkpointOf(id))))).toEqual([last]);
  });

  it('names folders that the database does not know, and deletes them by choice alone', async () => {
    // Beside the home is what a fault would delete: nobody else's folder.
    const beside = temporaryHome();
    const store = temporaryStore(join(beside, 'home'));
    const known = addRun(store).id;
    const stray = `runs/${newRunId()}`;
    write(store, checkpointOf(known));
    write(store, `${stray}/checkpoints/last-1.safetensors`, 500);
    write(store, 'datasets/beauty-1/dataset.json', 20);
    write(store, 'datasets/.deleted-1-beauty-2/dataset.json', 7);
    write(store, 'datasets/.importing-beauty-2/importer.json');
    write(store, 'datasets/beauty-3/importer.json');
    writeFileSync(join(store.home, 'datasets/beauty-3/importer.json'), JSON.stringify(ownIdentity()));
    const folders = async () =>
      (await store.trash.list()).map(({ kind, id, bytes, purgedAt }) => [kind, id, bytes, purgedAt]).sort();
    const strays = [
      ['folder', 'datasets/.deleted-1-beauty-2', 7, null],
      ['folder', 'datasets/beauty-1', 20, null],
      ['folder', stray, 500, null],
    ];
    expect(await folders()).toEqual(strays);
    await store.trash.purgeAll();
    expect(await folders()).toEqual(strays);
    expect(() => store.trash.restore([{ kind: 'folder', id: stray }])).toThrow(UserError);
    const outside = [`runs/${known}`, '..', 'runs/../runs', stray];
    await store.trash.purge(outside.map((id) => ({ kind: 'folder', id })));
    expect(await folders()).toEqual(strays.slice(0, 2));
    expect(existsSync(join(store.home, checkpointOf(known)))).toBe(true);
  });
});

const canMount =
  process.getuid?.() === 0 &&
  process.platform === 'linux' &&
  spawnSync('unshare', ['--mount', 'true']).status === 0;

it.skipIf(!canMount)('a full disk: lists open, and what is deleted permanently frees space', async () => {
  const home = temporaryHome();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', home]);
  onTestFinished(() => void execFileSync('umount', ['-l', home]));
  const store = openStore(home);
  const [trashed, kept] = [addRun(store).id, addRun(store, { name: 'kept', seed: 2 }).id];
  for (const id of [trashed, kept]) write(store, checkpointOf(id), 500_000);
  store.trash.put('run', [trashed]);
  store.close();
  const fill = () => {
    try {
      for (let number = 0; ; number++)
        writeFileSync(join(home, `filler-${number}-${Math.random()}`), Buffer.alloc(4096));
    } catch {
      expect(statfsSync(home).bavail).toBe(0);
    }
  };
  fill();
  for (const args of [
    ['runs', 'list'],
    ['datasets', 'list'],
    ['trash', 'list'],
  ]) {
    expect(await tessera(home, ...args)).toMatchObject({ code: 0, error: '' });
  }
  const free = () => statfsSync(home).bavail * statfsSync(home).bsize;
  expect(await tessera(home, 'trash', 'empty')).toMatchObject({ code: 0, error: '' });
  expect(free()).toBeGreaterThan(400_000);
  fill();
  expect((await tessera(home, 'runs', 'delete', 'kept')).error).toMatch(
    /the disk is full .*; free some space: .*--for-good/,
  );
  expect(await tessera(home, 'runs', 'delete', 'kept', '--for-good')).toMatchObject({ code: 0, error: '' });
  expect(free()).toBeGreaterThan(400_000);
  rmSync(join(home, 'runs'), { recursive: true });
  expect(JSON.parse((await tessera(home, '--json', 'runs', 'list')).out)).toEqual([]);
});
