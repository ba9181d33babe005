import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { reachThisMachine } from '../../../../test/remote/this-machine.ts';
import { RESULT } from '../../../../test/store/records.ts';
import { hostSchema } from '../../../core/api/hosts.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { JournalWriter } from '../../../core/training/journal.ts';
import { shipProgram } from '../shipping/ship.ts';
import { type LeftRuns, RemoteExecutor } from './remote-executor.ts';

/** A file that is here by this name alone. */
const OF_WINDOWS = vi.hoisted(() => 'C:\\vectors.npy');

// A disk that is nearly full takes a part of what is written at a place.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (file: number, bytes: Buffer, at: number, length?: number, place?: number) =>
    fs.writeSync(file, bytes, at, place === undefined ? length : Math.ceil(Number(length) / 2), place);
  return { ...fs, writeSync, existsSync: (path: string) => path === OF_WINDOWS || fs.existsSync(path) };
});
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  return {
    ...timers,
    setTimeout: (ms: number, ...more: [unknown]) => timers.setTimeout(Math.min(ms, 50), ...more),
  };
});
vi.mock('../shipping/ship.ts', async (original) => ({
  ...(await original<typeof import('../shipping/ship.ts')>()),
  shipProgram: vi.fn(async () => ({ node: 'true', entry: String, withoutCuda: null })),
}));

/** What trains on this machine as on another one, whose folder is `root`; `names` are to be ended there. */
function executor(...names: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'tessera-there-'));
  writeFileSync(join(root, '.tessera'), '');
  for (const name of names) mkdirSync(join(root, 'runs', name), { recursive: true });
  const left = new Set(names);
  const runs: LeftRuns = {
    list: () => [...left],
    add: (name) => left.add(name),
    remove: (name) => left.delete(name),
  };
  const host = hostSchema.parse({ name: 'box', folder: root });
  return { root, left, executor: new RemoteExecutor(host, () => host.slurm, root, runs) };
}

const newJournal = () => join(mkdtempSync(join(tmpdir(), 'tessera-here-')), 'run', 'events-1-1.jsonl');
const deaf = { onReport: () => {}, onPlace: () => {} };

function specOf(config: Record<string, unknown>): TrainSpec {
  const datasetDir = mkdtempSync(join(tmpdir(), 'tessera-data-'));
  writeFileSync(join(datasetDir, 'dataset.json'), '{}');
  return {
    ...{ runId: 'run', model: 'sasrec', config, datasetDir, seed: 1, device: 'cpu', threads: 1 },
    ...{ runDir: datasetDir, resumeFrom: null, journal: newJournal() },
  };
}

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(process.platform === 'win32')('a host', () => {
  it('is asked for the program before each run: it may have been cleaned up since', async () => {
    reachThisMachine();
    const { executor: box } = executor();
    // Its program ends at once, without a word.
    for (const sent of [1, 2]) {
      expect(await box.start(specOf({}), deaf).ended).toMatchObject({ kind: 'interrupted' });
      expect(shipProgram).toHaveBeenCalledTimes(sent);
    }
  });

  it('gets no run that names a file of this machine, on Windows either', async () => {
    reachThisMachine();
    expect(await executor().executor.start(specOf({ vectorsFile: OF_WINDOWS }), deaf).ended).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('names a file of this machine, which is not sent to box'),
    });
  });

  it('has its journal copied whole, by a disk that takes a part at a time', async () => {
    reachThisMachine();
    const { executor: box, root } = executor();
    const there = join(root, 'runs', 'run-events-1-1');
    mkdirSync(there, { recursive: true });
    writeFileSync(join(there, 'exit-code'), '0\n');
    const writer = new JournalWriter(join(there, 'events.jsonl'));
    writer.append([{ type: 'result', time: 1, result: RESULT }]);
    writer.close();
    const told = readFileSync(join(there, 'events.jsonl'));
    const journal = newJournal();
    const { ended } = box.attach({ journal, offset: 0, ending: null, place: null }, deaf);
    expect(await ended).toMatchObject({ kind: 'completed' });
    expect([readFileSync(journal).equals(told), existsSync(there)]).toEqual([true, false]);
  });

  it('ends the other runs that are left there where one cannot be removed', async () => {
    const rm = `case "$*" in *stuck*) echo "rm: cannot remove '.nfs1': Device or resource busy" >&2; exit 1 ;; esac; exec /bin/rm "$@"`;
    reachThisMachine({ rm });
    const { left, root } = executor('stuck-events-1-1', 'run-events-1-1');
    await expect.poll(() => [...left]).toEqual(['stuck-events-1-1']);
    expect(existsSync(join(root, 'runs', 'run-events-1-1'))).toBe(false);
    left.clear();
  });
});
