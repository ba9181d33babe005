import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/core/api/hosts.ts';
import { shipDataset } from '../../src/main/executors/shipping/datasets.ts';
import { SshConnection } from '../../src/main/executors/ssh/connection.ts';
import { runHere } from '../cli/command-line.ts';
import { skipped } from './daemons.ts';
import { SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS);

describe.skipIf(why)(`tessera host (${why ?? 'sshd, slurm'})`, () => {
  let slurm: TestSlurm;
  let [plain, cluster]: TestSshd[] = [];
  let home: string;
  /** A folder of programs of the host without Slurm. */
  let programs: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
    programs = mkdtempSync(join(tmpdir(), 'tessera-programs-'));
    slurm = await startSlurm({ accounting: false });
    [plain, cluster] = await Promise.all([
      startSshd({ PATH: `${programs}:/usr/bin:/bin` }),
      startSshd(slurm.env),
    ]);
  });
  afterAll(() => Promise.all([plain, cluster, slurm].map((server) => server?.end())));

  const tessera = (server: TestSshd, ...args: string[]) =>
    runHere(['--home', home, '--json', 'host', ...args], {
      TESSERA_SSH_CONFIG: server.config,
      TESSERA_NUGET: 'http://127.0.0.1:1',
    });
  const linesOf = ({ report }: Host) =>
    Object.fromEntries((report?.lines ?? []).map(({ key, state, text }) => [key, `${state}: ${text}`]));
  const cache = (server: TestSshd) => join(server.home, '.cache', 'tessera');
  const shipped = (server: TestSshd) =>
    readdirSync(cache(server))
      .map((name) => name.replace(/-.*/, ''))
      .sort();

  it('sends the program once, and tries the devices there', async () => {
    expect(await tessera(plain, 'check', 'box')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no host "box".*host add box/),
    });
    for (const bad of [
      ['--', '-oProxyCommand=x'],
      ['box', '--time', 'soon'],
      ['box', '--line', 'a\nb'],
    ]) {
      const refused = await tessera(plain, 'add', ...bad);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('must be') });
    }
    writeFileSync(join(plain.home, 'mine'), '');
    const mine = await tessera(plain, 'add', 'box', '--folder', '~/');
    expect(mine).toMatchObject({ code: 1, stderr: expect.stringContaining('has other files in it') });
    const added = await tessera(plain, 'add', 'box', '--partition', 'low', '--line', 'module load "x y"');
    expect(added.stderr).toBe('');
    const first = await tessera(plain, 'check', 'box');
    const host: Host = JSON.parse(first.stdout);
    expect(linesOf(host)).toEqual({
      connection: expect.stringMatching(/^ok: .+@127\.0\.0\.1/),
      scheduler: 'ok: none; runs start at once, one at a time',
      runtime: expect.stringMatching(/^ok: Node 2\d\.\d+\.\d+, sent to \//),
      gpu: expect.stringMatching(/^ok: none; runs train on its CPU with \d+ cores/),
      numbers: expect.stringMatching(
        /^ok: a small training has the same bits as here, on the same kind of CPU/,
      ),
      space: expect.stringMatching(/^(ok|note): .* free in /),
      time: 'ok: none',
      internet: expect.stringMatching(/^ok: (there|none), and not needed/),
    });
    expect(shipped(plain)).toEqual(['.tessera', 'node', 'packages', 'program']);
    expect(statSync(cache(plain)).mode & 0o777).toBe(0o700);
    const second = await tessera(plain, 'check', 'box');
    expect(second.code).toBe(0);
    expect(linesOf(JSON.parse(second.stdout)).runtime).toMatch(/found in /);
  });

  it('sends again what is there in part, and survives a broken unpacking', async () => {
    const program = readdirSync(cache(plain)).find((name) => name.startsWith('program-')) ?? '';
    rmSync(join(cache(plain), program, '.complete'));
    rmSync(join(cache(plain), program, 'package.json'));
    expect((await tessera(plain, 'check', 'box')).code).toBe(0);
    expect(existsSync(join(cache(plain), program, 'package.json'))).toBe(true);
    expect(shipped(plain)).toEqual(['.tessera', 'node', 'packages', 'program']);
  });

  it('keeps the data sets that runs need, and of the others those used last', async () => {
    const connection = new SshConnection('box', plain.config);
    const [root, here] = [cache(plain), join(home, 'sets')];
    const send = async (name: string, run: string) => {
      mkdirSync(join(here, name), { recursive: true });
      writeFileSync(join(here, name, 'dataset.json'), name);
      writeFileSync(join(here, name, 'interactions.parquet'), Buffer.alloc(400_000, name));
      return shipDataset(connection, join(here, name), { root, run, limit: 1_000_000 });
    };
    const folders = [await send('a', 'run 1'), await send('b', 'run 2')];
    // Long ago, and their runs have gone.
    for (const run of ['run 1', 'run 2']) rmSync(join(root, 'runs', run), { recursive: true });
    utimesSync(folders[0].replace('datasets', 'needed'), 1_000, 1_000);
    expect(await send('b', 'run 3')).toBe(folders[1]);
    await send('c', 'run 4');
    await send('d', 'run 5');
    expect(readdirSync(join(root, 'datasets'))).toHaveLength(3);
    expect(existsSync(folders[0])).toBe(false);
    await send('e', 'run 6');
    expect(readdirSync(join(root, 'datasets'))).toHaveLength(4);
    await connection.close();
  });

  it('sends the libraries of CUDA where there is a GPU', async () => {
    writeFileSync(join(programs, 'nvidia-smi'), '#!/bin/sh\necho "NVIDIA A100, 81920 MiB"\n', {
      mode: 0o755,
    });
    const check = async () => JSON.parse((await tessera(plain, 'check', 'box')).stdout);
    const without = linesOf(await check());
    expect(without.runtime).toMatch(
      /^note: .*; CUDA's libraries could not be fetched from http.*put microsoft/,
    );
    expect(without.gpu).toMatch(/^note: NVIDIA A100, 81920 MiB, but no device uses it; cuda: /);
    // As NuGet has them.
    const native = 'runtimes/linux-x64/native/libonnxruntime_providers_';
    const names = ['cuda', 'shared'];
    const version = JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')).version;
    mkdirSync(join(home, 'packages'), { recursive: true });
    writeFileSync(
      join(home, 'packages', `microsoft.ml.onnxruntime.gpu.linux.${version}.nupkg`),
      zipSync(Object.fromEntries(names.map((name) => [`${native}${name}.so`, strToU8(`no ${name}`)]))),
    );
    expect(linesOf(await check()).runtime).toMatch(/^ok: /);
    const sent = readdirSync(cache(plain), { recursive: true }).map(String);
    expect(sent.filter((path) => /^packages-.*x64.libonnxruntime_providers_/.test(path))).toHaveLength(2);
    rmSync(join(programs, 'nvidia-smi'));
  });

  it('cleans up, all only where no run is left', async () => {
    const all = await tessera(plain, 'clean', 'box', '--all');
    expect(all).toMatchObject({ code: 1, stderr: expect.stringContaining('runs are still there') });
    rmSync(join(cache(plain), 'runs'), { recursive: true });
    expect((await tessera(plain, 'clean', 'box')).code).toBe(0);
    expect(readdirSync(join(cache(plain), 'datasets'))).toEqual([]);
    expect(shipped(plain)).toContain('program');
    expect((await tessera(plain, 'clean', 'box', '--all')).code).toBe(0);
    expect(existsSync(cache(plain))).toBe(false);
    expect((await tessera(plain, 'remove', 'box')).code).toBe(0);
    expect(JSON.parse((await tessera(plain, 'list')).stdout)).toEqual([]);
  });

  it('looks at the devices of a cluster by a job', async () => {
    await tessera(cluster, 'add', 'box', '--partition', 'low,nowhere');
    const wrong = await tessera(cluster, 'check', 'box');
    expect(wrong.stdout).toContain('there is no partition nowhere; choose from low, high');
    expect(wrong.code).toBe(1);
    await tessera(cluster, 'add', 'box', '--partition', 'low', '--line', '#SBATCH --nodelist=n2', 'true');
    const right = await tessera(cluster, 'check', 'box');
    expect(right.code).toBe(0);
    const host: Host = JSON.parse(right.stdout);
    expect(linesOf(host)).toMatchObject({
      scheduler: expect.stringMatching(
        /^ok: Slurm 2\d\.\d+.*without accounting.*low has 2 nodes of 2 cores$/,
      ),
      gpu: 'ok: none; runs train on its CPU',
      numbers: expect.stringMatching(/^ok: a small training has the same bits as here/),
      time: 'note: 1 h 0 min on low; longer runs continue by themselves',
    });
    const [time, gpu] = ['time', 'gpu'].map((key) => host.report?.lines.find((line) => line.key === key));
    // Where the host's own lines send its jobs.
    expect(gpu?.aside).toBe('n2');
    expect(shipped(cluster)).toEqual(['.tessera', 'node', 'packages', 'program']);
    expect(time?.remedy).toEqual({
      title: 'Use high',
      command: 'tessera host add box --partition high',
      action: { does: 'add', changes: { name: 'box', job: { partition: 'high' } } },
    });
  });
});
