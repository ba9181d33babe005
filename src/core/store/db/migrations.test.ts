import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { addRun, temporaryHome } from '../../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../../test/store/records.ts';
import { UserError } from '../../errors.ts';
import type { SavedComparison } from '../home/comparisons.ts';
import { openStore } from '../open-store.ts';
import { newRunId } from '../runs/run-id.ts';
import type { RunRecord } from '../types.ts';
import type { Connection } from './connection.ts';
import { listBackups } from './damage.ts';
import { readMigrations, shippedMigrations } from './migrations.ts';
import { openConnection } from './open.ts';

const SHIPPED = readMigrations(shippedMigrations()).length;

function migrationsPlus(home: string, sql: string): string {
  const folder = join(home, 'migrations');
  cpSync(shippedMigrations(), folder, { recursive: true });
  writeFileSync(join(folder, `${String(SHIPPED + 1).padStart(3, '0')}-later.sql`), sql);
  return folder;
}

function pragma(path: string, name: string): unknown {
  const database = new Database(path);
  try {
    return database.pragma(name, { simple: true });
  } finally {
    database.close();
  }
}

describe('migrations', () => {
  it('make a fresh database that is sound, in write-ahead mode and without a backup', () => {
    const home = join(temporaryHome(), 'new', 'home');
    openStore(home).close();
    const path = join(home, 'tessera.db');
    expect(readdirSync(home)).toEqual(['tessera.db']);
    expect(pragma(path, 'user_version')).toBe(SHIPPED);
    expect(pragma(path, 'journal_mode')).toBe('wal');
    expect(pragma(path, 'integrity_check')).toBe('ok');
  });

  it('bring an older database up to date after a backup that opens', () => {
    const home = temporaryHome();
    const store = openStore(home);
    const run = addRun(store);
    const folder = migrationsPlus(home, 'ALTER TABLE runs ADD COLUMN later TEXT;');
    // The store stays open: what it wrote is still in its write-ahead log and must be in the backup.
    openConnection(home, folder).close();
    store.close();
    const [backup] = listBackups(home).map(({ path }) => path);
    expect(backup).toMatch(new RegExp(`tessera-before-migration-from-${SHIPPED}-\\d{8}-\\d{9}\\.db$`));
    expect(pragma(backup, 'user_version')).toBe(SHIPPED);
    expect(pragma(join(home, 'tessera.db'), 'user_version')).toBe(SHIPPED + 1);
    const restored = join(home, 'restored');
    mkdirSync(restored);
    cpSync(backup, join(restored, 'tessera.db'));
    const old = openStore(restored);
    expect(old.runs.get(run.id)).toEqual(run);
    old.close();
  });

  /** A database of an earlier version in a home. */
  function olderDatabase(home: string, version: number): Connection {
    const older = join(home, 'older');
    cpSync(shippedMigrations(), older, {
      recursive: true,
      filter: (path) => !path.endsWith('.sql') || Number(basename(path).slice(0, 3)) <= version,
    });
    return openConnection(home, older);
  }

  /** The runs of a database of an earlier version, as they are read once it has been updated. */
  function updatedRuns(
    version: number,
    runs: { model: string; config: Record<string, unknown>; device_reason?: string | null }[],
  ): RunRecord[] {
    const home = temporaryHome();
    const connection = olderDatabase(home, version);
    const { seed, threads, dataset, requestedDevice, codeVersion } = newRun(datasetSummary('beauty'));
    const made = runs.map(({ model, config, device_reason = null }, at) => {
      const id = newRunId();
      connection.insert('runs', {
        ...{ id, name: `${model}-${at}`, model, seed, threads, status: 'queued', created_at: 0 },
        config: JSON.stringify(config),
        device_reason,
        dataset_name: dataset.name,
        dataset_fingerprint: dataset.fingerprint,
        requested_device: requestedDevice,
        code_version: codeVersion,
      });
      return { id };
    });
    connection.close();
    expect(pragma(join(home, 'tessera.db'), 'user_version')).toBe(version);
    const later = openStore(home);
    const updated = made.map(({ id }) => later.runs.get(id));
    later.close();
    return updated;
  }

  const updatedConfigs = (...given: Parameters<typeof updatedRuns>): string[] =>
    updatedRuns(...given).map(({ config }) => JSON.stringify(config));

  it('call the Adam of ranking models by the name that it has now', () => {
    const config = { dim: 8, optimiser: 'adam', epsilon: 1e-8 };
    expect(
      updatedConfigs(5, [
        { model: 'dlrm', config },
        { model: 'sasrec', config },
      ]),
    ).toEqual([
      '{"dim":8,"optimiser":"lazy-adam","epsilon":1e-8}',
      '{"dim":8,"optimiser":"adam","epsilon":1e-8}',
    ]);
  });

  it('leave runs with a sentence encoder the way in which their texts were cut', () => {
    const configs = [
      { content: 'sentence+run', sentenceModel: 'a' },
      { content: 'auto', sentenceModel: 'a' },
      { content: 'auto', sentenceModel: '' },
    ];
    const runs = configs.map((config) => ({ model: 'residual-kmeans', config }));
    expect(updatedConfigs(7, runs)).toEqual([
      '{"content":"sentence+run","sentenceModel":"a","sentenceTruncation":"tokenizer"}',
      '{"content":"auto","sentenceModel":"a","sentenceTruncation":"tokenizer"}',
      '{"content":"auto","sentenceModel":""}',
    ]);
  });

  it('call the least steps of an epoch by the name that they have now, in the same place of the config', () => {
    const configs = updatedConfigs(10, [
      { model: 'sasrec', config: { epochSteps: 0, leastEpochSteps: 175, batchSize: 8 } },
      { model: 'sasrec', config: { name: 'leastEpochSteps' } },
    ]);
    expect(configs).toEqual([
      '{"epochSteps":0,"minEpochSteps":175,"batchSize":8}',
      '{"name":"leastEpochSteps"}',
    ]);
  });

  it('call a device that was named requested', () => {
    const reasons = ['asked for', 'first choice', null];
    const runs = reasons.map((device_reason) => ({ model: 'sasrec', config: {}, device_reason }));
    expect(updatedRuns(11, runs).map(({ deviceReason }) => deviceReason)).toEqual([
      'requested',
      'first choice',
      null,
    ]);
  });

  it('give a run that diverged a status of its own, which earlier versions said in words', () => {
    const home = temporaryHome();
    const connection = olderDatabase(home, 35);
    const { seed, threads, dataset, requestedDevice, codeVersion } = newRun(datasetSummary('beauty'));
    const put = (name: string, status: string, message: string | null) => {
      const id = newRunId();
      connection.insert('runs', {
        ...{ id, name, model: 'sasrec', config: '{}', seed, threads, status, message, created_at: 0 },
        ...{ requested_device: requestedDevice, code_version: codeVersion },
        ...{ dataset_name: dataset.name, dataset_fingerprint: dataset.fingerprint },
      });
      for (const number of [1, 2])
        connection.insert('attempts', {
          run: id,
          number,
          pid: 1,
          started_at: 0,
          outcome: 'failed',
          from_step: 0,
        });
      return id;
    };
    const wild = put(
      'wild',
      'failed',
      'the loss is NaN at step 3: the run has diverged, try a lower learningRate',
    );
    put('full', 'failed', 'the disk is full');
    put('told', 'cancelled', 'the run has diverged, says its user');
    connection.close();
    const store = openStore(home);
    onTestFinished(() => store.close());
    const statuses = Object.fromEntries(store.runs.list().map(({ name, status }) => [name, status]));
    expect(statuses).toEqual({ wild: 'diverged', full: 'failed', told: 'cancelled' });
    expect(store.runs.attempts(wild).map(({ outcome }) => outcome)).toEqual(['failed', 'diverged']);
  });

  /** The comparisons of a database that kept them as one setting. */
  function updatedComparisons(setting: string): SavedComparison[] {
    const home = temporaryHome();
    const connection = olderDatabase(home, 12);
    connection.insert('projects', { id: 'p1', name: 'Histories', created_at: 0 });
    connection.insert('settings', { key: 'view:compare:saved', value: setting });
    connection.close();
    const store = openStore(home);
    const { comparisons, settings } = store;
    const found = comparisons.list();
    expect(settings.read('view:compare:saved', z.unknown().default(null))).toBeNull();
    store.close();
    return found;
  }

  it('make rows of the saved comparisons, of one name too', () => {
    const saved = [
      {
        name: 'Paper',
        notes: 'TIGER leads',
        runs: ['a', 'b'],
        baseline: null,
        metrics: ['test/hr@10'],
        project: 'p1',
        savedAt: 7,
      },
      { name: 'Paper', notes: '', runs: ['c'], baseline: 'c', project: 'gone', savedAt: 8 },
      { name: 'Usual', notes: '', runs: ['d'], savedAt: 9 },
      { name: 'No runs' },
      17,
    ];
    const found = updatedComparisons(JSON.stringify(saved));
    expect(found.map(({ id: _, ...one }) => one)).toEqual([
      saved[0],
      {
        name: expect.stringMatching(/^Paper-[0-9a-f]{8}$/),
        notes: '',
        runs: ['c'],
        baseline: 'c',
        project: null,
        savedAt: 8,
      },
      { name: 'Usual', notes: '', runs: ['d'], project: null, savedAt: 9 },
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
  });

  it('pass over saved comparisons that cannot be read', () => {
    for (const setting of ['null', '{"name":"a"}', 'no JSON'])
      expect(updatedComparisons(setting)).toEqual([]);
  });

  /** The store of a database that kept its hosts, and what is to be ended there, as settings; and a run's attempt on one. */
  function updatedHosts(hosts: string, left: string) {
    const home = temporaryHome();
    const connection = olderDatabase(home, 27);
    const { seed, threads, dataset, requestedDevice } = newRun(datasetSummary('beauty'));
    connection.insert('runs', {
      ...{
        id: 'r',
        name: 'r',
        model: 'sasrec',
        config: '{}',
        seed,
        threads,
        status: 'interrupted',
        created_at: 0,
      },
      ...{
        dataset_name: dataset.name,
        dataset_fingerprint: dataset.fingerprint,
        requested_device: requestedDevice,
      },
    });
    connection.insert('attempts', { run: 'r', number: 1, pid: 1, started_at: 0, from_step: 0, place: 'box' });
    connection.insert('settings', { key: 'hosts', value: hosts });
    connection.insert('settings', { key: 'hosts.left', value: left });
    connection.close();
    const store = openStore(home);
    onTestFinished(() => store.close());
    return store;
  }

  it('move hosts, and what must still be ended on them, from the settings into tables', () => {
    const box = {
      name: 'box',
      folder: '/scratch/ada',
      slurm: { gpus: '1', lines: ['a'] },
      report: { at: 7 },
    };
    const hosts = [box, { name: 'lab', folder: null, report: null }, { folder: '/x' }, 17];
    const left = { box: ['a-events-1-1', 'b-events-1-1'], removed: ['c-events-1-1'], wrong: 7 };
    const store = updatedHosts(JSON.stringify(hosts), JSON.stringify(left));
    expect(store.hosts.list()).toEqual([
      { name: 'box', folder: '/scratch/ada', job: box.slurm, report: box.report },
      { name: 'lab', folder: null, job: {}, report: null },
    ]);
    const endings = (host: string, folder: string | null) => store.hosts.endings({ host, folder }).list();
    expect(endings('box', '/scratch/ada')).toEqual(left.box);
    // Added again, it is looked for in the usual folder.
    expect(endings('removed', null)).toEqual(left.removed);
    expect(store.lifecycle.hostFolder('r', 1)).toBe('/scratch/ada');
    expect(store.settings.read('hosts', z.unknown().default(null))).toBeNull();
  });

  it('pass over hosts that cannot be read', () => {
    for (const setting of ['null', '{"name":"a"}', 'no JSON', '["a"]'])
      expect(updatedHosts(setting, setting).hosts.list()).toEqual([]);
  });

  it('call how jobs are submitted a job, and give the scheduler of a host a kind', () => {
    const home = temporaryHome();
    const connection = olderDatabase(home, 28);
    const { seed, threads, dataset, requestedDevice, codeVersion } = newRun(datasetSummary('beauty'));
    const job = { time: '1:00:00', lines: ['a "slurm":{'] };
    connection.insert('runs', {
      ...{ id: newRunId(), name: 'r', model: 'sasrec', config: '{}', seed, threads, status: 'queued' },
      ...{ created_at: 0, place: 'box', slurm: JSON.stringify(job), requested_device: requestedDevice },
      ...{ dataset_name: dataset.name, dataset_fingerprint: dataset.fingerprint },
      code_version: codeVersion,
    });
    for (const [id, spec] of Object.entries({
      s1: { model: 'a', slurm: job, on: 'box' },
      s2: { model: 'a' },
    }))
      connection.insert('studies', { id, name: id, created_at: 0, spec: JSON.stringify(spec) });
    const facts = { root: '/x', slurm: { version: '23', accounting: true, partitions: [] } };
    const line = (changes: object) => ({ key: 'time', remedy: { action: { changes } } });
    const reports = {
      cluster: { facts, lines: [line({ slurm: { gpus: '1' } })] },
      lab: { facts: { root: '/x', slurm: null }, lines: [] },
      lost: { facts: null, lines: [] },
    };
    for (const [name, report] of Object.entries(reports))
      connection.insert('hosts', { name, job: '{}', report: JSON.stringify(report) });
    connection.insert('hosts', { name: 'new', job: '{}', report: null });
    connection.close();
    const store = openStore(home);
    onTestFinished(() => store.close());
    expect(store.runs.list()).toMatchObject([{ job }]);
    const specs = store.studies.list().map(({ name, spec }) => [name, spec]);
    expect(Object.fromEntries(specs)).toEqual({ s1: { model: 'a', on: 'box', job }, s2: { model: 'a' } });
    expect(store.hosts.list().map(({ report }) => report)).toEqual([
      {
        facts: { root: '/x', scheduler: { kind: 'slurm', ...facts.slurm } },
        lines: [line({ job: { gpus: '1' } })],
      },
      { facts: { root: '/x', scheduler: null }, lines: [] },
      reports.lost,
      null,
    ]);
  });

  it('leave nothing of backups that a kill has cut short, and all that are whole', () => {
    const home = temporaryHome();
    olderDatabase(home, 34).close();
    const [cut, journal, whole] = ['.db.partial', '.db.partial-journal', '.db'].map(
      (end) => `tessera-before-migration-from-34-20260101-000000000${end}`,
    );
    for (const name of [cut, journal, whole]) writeFileSync(join(home, name), 'x');
    openStore(home).close();
    const backups = readdirSync(home).filter((name) => name.includes('before-migration'));
    expect([backups.length, backups.includes(whole), backups.join().includes('partial')]).toEqual([
      2,
      true,
      false,
    ]);
  });

  it('leave the database as it was when one fails', () => {
    const home = temporaryHome();
    openStore(home).close();
    const folder = migrationsPlus(home, 'CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);');
    expect(() => openConnection(home, folder)).toThrow('half already exists');
    expect(pragma(join(home, 'tessera.db'), 'user_version')).toBe(SHIPPED);
    openStore(home).close();
  });

  it('refuse a newer schema and leave it alone', () => {
    const home = temporaryHome();
    openConnection(home, migrationsPlus(home, 'CREATE TABLE later (id INTEGER);')).close();
    expect(() => openStore(home)).toThrow(UserError);
    expect(() => openStore(home)).toThrow(
      new RegExp(
        `tessera.db was written by a newer version of Tessera .schema ${SHIPPED + 1}; this one reads up to ${SHIPPED}.*; update Tessera`,
      ),
    );
    expect(pragma(join(home, 'tessera.db'), 'user_version')).toBe(SHIPPED + 1);
  });

  it('run once when several processes open a new home, and an old one, at once', async () => {
    const home = temporaryHome();
    const folder = migrationsPlus(home, 'CREATE TABLE later (id INTEGER);');
    const script = join(import.meta.dirname, '../../../../test/store/open-home.ts');
    for (const migrations of [shippedMigrations(), folder]) {
      const children = [1, 2, 3].map(() => fork(script, [home, migrations], { execArgv: [] }));
      const exits = await Promise.all(children.map((child) => once(child, 'exit')));
      expect(exits.map(([code]) => code)).toEqual([0, 0, 0]);
    }
    expect(pragma(join(home, 'tessera.db'), 'user_version')).toBe(SHIPPED + 1);
    expect(listBackups(home)).toHaveLength(1);
  });
});

describe('files that are no store', () => {
  const cases: [name: string, content: Buffer, message: RegExp][] = [
    ['text', Buffer.from('user,item\n'.repeat(500)), /is not a Tessera database .*; move it away/],
    ['a damaged database', damagedDatabase(), /is damaged .*; there is no backup of it/],
    ['the database of another program', foreignDatabase(), /belongs to another program; move it away/],
  ];
  it.each(cases)('%s is refused in one line and left alone', (_, content, message) => {
    const home = temporaryHome();
    const path = join(home, 'tessera.db');
    writeFileSync(path, content);
    expect(() => openStore(home)).toThrow(UserError);
    expect(() => openStore(home)).toThrow(message);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('a home below a file is refused in one line', () => {
    const home = temporaryHome();
    writeFileSync(join(home, 'file'), '');
    expect(() => openStore(join(home, 'file', 'home'))).toThrow(/cannot create the home .* --home/);
  });
});

function foreignDatabase(): Buffer {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE bookmarks (url TEXT)');
  return database.serialize();
}

/** A sound header with noise where the schema was. */
function damagedDatabase(): Buffer {
  const content = foreignDatabase();
  content.fill(0x5a, 100, 4096);
  return content;
}
