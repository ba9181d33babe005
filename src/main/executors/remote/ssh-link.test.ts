import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { reachThisMachine } from '../../../../test/remote/this-machine.ts';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { archivesFor } from '../shipping/archives.ts';
import { shipProgram } from '../shipping/ship.ts';
import { SshLink } from './ssh-link.ts';

/** A file that is here by this name alone, and the binaries for macOS, which a program packaged for another system has not. */
const [OF_WINDOWS, OF_MACOS] = vi.hoisted(
  () => ['C:\\vectors.npy', /onnxruntime-node.bin.napi-v6.darwin/] as const,
);

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const existsSync = (path: string) => path === OF_WINDOWS || (!OF_MACOS.test(path) && fs.existsSync(path));
  return { ...fs, existsSync };
});
vi.mock('../shipping/ship.ts', async (original) => ({
  ...(await original<typeof import('../shipping/ship.ts')>()),
  shipProgram: vi.fn(async () => ({ node: 'true', entry: String, withoutCuda: null })),
}));

/** To this machine as to another one. */
function linkHere(scheduler: SchedulerKind | null = null): SshLink {
  reachThisMachine();
  const root = mkdtempSync(join(tmpdir(), 'tessera-there-'));
  return new SshLink('box', { folder: root, cache: root, cuda: () => false, scheduler: () => scheduler });
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
    await expect(linkHere('slurm').facts()).rejects.toMatchObject({ isPassing: true });
    expect((await linkHere().facts()).scheduler).toBeNull();
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

  it('gets ONNX Runtime from the registry where the package here has none for its system', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const cache = mkdtempSync(join(tmpdir(), 'tessera-cache-'));
    const [, packages] = await archivesFor({ os: 'darwin', arch: 'arm64' }, cache);
    await expect(packages.files()).rejects.toThrow('could not be fetched');
    expect(asked).toEqual([expect.stringMatching(/onnxruntime-node-[\d.]+\.tgz$/)]);
  });
});
