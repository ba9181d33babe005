/** Strays whose trainers are real processes, here and on a host that is this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostSchema } from '../../src/core/api/hosts.ts';
import { systemClock } from '../../src/core/machine.ts';
import { ownIdentity } from '../../src/core/process-identity.ts';
import { adoptFolders } from '../../src/core/store/files/adopt.ts';
import { writeFiles } from '../../src/core/store/files/write-files.ts';
import { orphanedRuns } from '../../src/core/store/runs/lost-runs.ts';
import type { Store } from '../../src/core/store/store.ts';
import { frame } from '../../src/core/training/journal-lines.ts';
import type { Executor } from '../../src/main/executors/executor.ts';
import type { HostLink } from '../../src/main/executors/remote/host-link.ts';
import { RemoteExecutor } from '../../src/main/executors/remote/remote-executor.ts';
import { endStray, straysElsewhere } from '../../src/main/services/strays.ts';
import { listTrash } from '../../src/main/services/trash.ts';
import type { Question } from '../../src/main/workers/agent/questions.ts';
import { askAgent, runFolder } from '../remote/agent.ts';
import { addRun, temporaryHome, temporaryStore } from './home.ts';
import { HOST_FACTS } from './host-facts.ts';

const nowhere = (): Executor => {
  throw new Error('no other machine is asked');
};

/** A run that began to train, whose row is gone and whose folder is not. */
async function strayOf(store: Store) {
  const { id } = addRun(store, { name: 'left-behind' });
  const name = String(store.lifecycle.journal(id, store.lifecycle.begin(id, null)));
  mkdirSync(store.runs.folder(id), { recursive: true });
  await writeFiles(store);
  store.lifecycle.end(id, 'cancelled', null);
  const folder = store.runs.folder(id);
  renameSync(folder, `${folder}-aside`);
  await store.trash.purgeDirectly('run', id);
  renameSync(`${folder}-aside`, folder);
  const show = async () => (await listTrash(store)).find((item) => item.id === `runs/${id}`)?.stray;
  return { id, path: `runs/${id}`, journal: join(folder, name), show };
}

/** One that goes on until it is asked to stop, or is killed. */
async function trainer(journal: string, how: 'heeds' | 'deaf' = 'heeds'): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'stray-trainer.ts');
  const child = spawn(process.execPath, [script, journal, how], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(() => existsSync(journal) && readFileSync(journal).includes('\n')).toBe(true);
  return child;
}

describe.skipIf(process.platform !== 'linux')('what still trains a stray', () => {
  it('is ended where it runs on this machine: it is asked first, and killed where it is deaf', async () => {
    const store = temporaryStore();
    for (const how of ['heeds', 'deaf'] as const) {
      const { path, journal, show } = await strayOf(store);
      await expect(endStray(store, { id: path, on: null }, nowhere)).rejects.toThrow(
        'nothing is training it',
      );
      const child = await trainer(journal, how);
      expect(await show()).toMatchObject({ trains: true, state: 'still running', isMeasurable: false });
      const ended = once(child, 'exit');
      await endStray(store, { id: path, on: null }, nowhere);
      expect(await ended).toEqual(how === 'heeds' ? [0, null] : [null, 'SIGKILL']);
      expect(await show()).toMatchObject({ trains: false });
    }
  });

  it('is followed once its stray is adopted', async () => {
    const store = temporaryStore();
    const { id, path, journal } = await strayOf(store);
    await trainer(journal);
    expect(adoptFolders(store, [path])).toEqual([]);
    expect(store.runs.get(id).status).toBe('running');
    expect(orphanedRuns(store).map(({ run }) => run)).toEqual([id]);
    await expect(endStray(store, { id: path, on: null }, nowhere)).rejects.toThrow('is no stray folder');
  });

  it('is left alone where it is not surely that trainer', async () => {
    const store = temporaryStore();
    const other = spawn('sleep', ['60']);
    onTestFinished(() => void other.kill());
    const self = { ...ownIdentity(), pid: Number(other.pid) };
    const cases = [
      [{ ...self, startTime: '1' }, 'nothing is training it'],
      [{ ...self, pidScope: 'another boot' }, 'cannot be told here'],
    ] as const;
    for (const [process, why] of cases) {
      const { path, journal, show } = await strayOf(store);
      writeFileSync(journal, frame(Buffer.from(JSON.stringify({ type: 'opened', version: 1, process }))));
      await expect(endStray(store, { id: path, on: null }, nowhere)).rejects.toThrow(why);
      expect([await show(), existsSync(`${journal}.request`)]).toMatchObject([{ trains: false }, false]);
    }
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });
});

/** A host that is this machine, its agent in processes of its own. */
function host(store: Store) {
  const root = temporaryHome();
  store.hosts.put({ name: 'box', folder: null, job: {} });
  const ask = (question: Question) => askAgent(root, question);
  const link = { name: 'box', facts: async () => HOST_FACTS, ask } as Partial<HostLink> as HostLink;
  const left = store.hosts.endings({ host: 'box', folder: null });
  const executor = new RemoteExecutor(link, () => hostSchema.parse({ name: 'box' }).job, left, systemClock);
  return { root, on: () => executor };
}

/** A training there, as a desktop starts it, until it has begun. */
async function startThere(root: string, name: string): Promise<string> {
  const folder = runFolder(root, name);
  const spec = { model: 'sasrec', datasetDir: `${root}/data/beauty-0a1b` };
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  const script = join(import.meta.dirname, 'stray-trainer.ts');
  const command = [process.execPath, script, join(folder, 'events.jsonl'), 'heeds'];
  await askAgent(root, { op: 'start', name, command });
  onTestFinished(() => askAgent(root, { op: 'end', names: [name] }).then(() => {}));
  await expect.poll(() => existsSync(join(folder, 'events.jsonl'))).toBe(true);
  return folder;
}

describe.skipIf(process.platform === 'win32')('trainings on another machine', () => {
  it('that no run of the home knows are named, and ended there with their checkpoints', async () => {
    const store = temporaryStore();
    const { root, on } = host(store);
    const { id } = addRun(store, { place: 'box' });
    const own = `${id}-${store.lifecycle.journal(id, store.lifecycle.begin(id, null))}`.replace('.jsonl', '');
    for (const name of [own, 'not-of-a-training']) runFolder(root, name);
    const stray = '2ndz1d54qvx-events-1-1700000000000';
    const folder = await startThere(root, stray);
    const [look] = await straysElsewhere(store, on);
    expect(look).toMatchObject({ on: 'box', problem: null });
    expect(look.strays).toMatchObject([
      { name: stray, state: 'runs', job: null, model: 'sasrec', dataset: 'beauty-0a1b' },
    ]);
    await endStray(store, { id: stray, on: 'box' }, on);
    expect(readFileSync(join(folder, 'exit-code'), 'utf8')).toBe('0\n');
    expect((await straysElsewhere(store, on))[0].strays).toMatchObject([{ name: stray, state: 'ended' }]);
    await expect(endStray(store, { id: stray, on: 'box' }, on)).rejects.toThrow('box: nothing of');
    await expect(endStray(store, { id: own, on: 'box' }, on)).rejects.toThrow('cancel that run');
  });

  it('are asked for on every machine, whichever does not answer', async () => {
    const store = temporaryStore();
    store.hosts.put({ name: 'away', folder: null, job: {} });
    const on = () => ({ strays: () => Promise.reject(new Error('away: timed out')) }) as Partial<Executor>;
    const looks = await straysElsewhere(store, on as () => Executor);
    expect(looks).toEqual([{ on: 'away', strays: [], problem: 'away: timed out' }]);
  });
});
