import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { reachThisMachine } from '../../../../test/remote/this-machine.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { shipProgram } from '../shipping/ship.ts';
import { SshLink } from './ssh-link.ts';

/** A file that is here by this name alone. */
const OF_WINDOWS = vi.hoisted(() => 'C:\\vectors.npy');

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, existsSync: (path: string) => path === OF_WINDOWS || fs.existsSync(path) };
});
vi.mock('../shipping/ship.ts', async (original) => ({
  ...(await original<typeof import('../shipping/ship.ts')>()),
  shipProgram: vi.fn(async () => ({ node: 'true', entry: String, withoutCuda: null })),
}));

/** To this machine as to another one. */
function linkHere(isCluster = false): SshLink {
  reachThisMachine();
  const root = mkdtempSync(join(tmpdir(), 'tessera-there-'));
  return new SshLink('box', { folder: root, cache: root, cuda: () => false, isCluster: () => isCluster });
}

function specOf(config: Record<string, unknown>): TrainSpec {
  const datasetDir = mkdtempSync(join(tmpdir(), 'tessera-data-'));
  writeFileSync(join(datasetDir, 'dataset.json'), '{}');
  return {
    ...{ runId: 'run', model: 'sasrec', config, datasetDir, seed: 1, device: 'cpu', threads: 1 },
    ...{ runDir: datasetDir, resumeFrom: null, journal: join(datasetDir, 'events-1-1.jsonl') },
  };
}

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(process.platform === 'win32')('a host', () => {
  it('is asked for the program before each run: it may have been cleaned up since', async () => {
    const link = linkHere();
    for (const sent of [1, 2]) {
      const [node, entry, spec] = await link.send(specOf({}), `run-${sent}`, false, {});
      expect([node, entry]).toEqual(['true', 'remote-trainer']);
      expect(spec).toContain(`run-${sent}/spec.json`);
      expect(shipProgram).toHaveBeenCalledTimes(sent);
    }
  });

  it('gets no run that names a file of this machine, on Windows either', async () => {
    await expect(linkHere().send(specOf({ vectorsFile: OF_WINDOWS }), 'run', false, {})).rejects.toThrow(
      'names a file of this machine, which is not sent to box',
    );
  });

  it('that was a cluster trains nothing by itself while Slurm is not found there', async () => {
    await expect(linkHere(true).facts()).rejects.toMatchObject({ isPassing: true });
    expect((await linkHere().facts()).slurm).toBeNull();
  });

  it('whose agent does not start says what its shell says', async () => {
    const link = linkHere();
    vi.mocked(shipProgram).mockResolvedValue({ node: '/nowhere/node', entry: String, withoutCuda: null });
    await expect(link.ask({ op: 'remove', name: 'run' })).rejects.toMatchObject({
      problem: 'failed',
      exitCode: 127,
      message: expect.stringContaining('/nowhere/node'),
    });
  });
});
