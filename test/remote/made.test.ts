/** What runs make and build on, beyond checkpoints, on its way to a host and back: Semantic IDs most of all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, stopTrainer, until } from './desktop.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd');

const train = (model: string, name: string, ...settings: string[]) => [
  ...['train', '--dataset', 'sample', '--model', model, '--name', name],
  ...['--seed', '1', '--device', 'cpu', '--threads', '1'],
  ...settings.flatMap((setting) => ['--set', setting]),
];
const TOKENISER = ['epochs=6', 'codes=8', 'latentDim=8', 'hidden=16', 'batchSize=32', 'evaluateEvery=2'];
const GENERATOR = ['dim=16', 'heads=1', 'headDim=16', 'ffnDim=16', 'encoderBlocks=1', 'decoderBlocks=1'];

describe.skipIf(why)(`what runs make, on another machine (${why ?? 'sshd'})`, () => {
  let server: TestSshd;
  let desktop: Desktop;
  beforeAll(async () => {
    server = await startSshd({ PATH: '/usr/bin:/bin' });
    desktop = new Desktop(server);
    await desktop.prepare();
    expect(await desktop.run(...train('rq-vae', 'whole', ...TOKENISER))).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    endStopped();
    await server?.end();
  });
  const filesOf = async (run: string, folder: string) => {
    const from = join(desktop.home, 'runs', (await desktop.show(run)).id, folder);
    return Object.fromEntries(
      readdirSync(from).map((name) => [name, readFileSync(join(from, name), 'base64')]),
    );
  };

  it('a model that generates trains there on the Semantic IDs of a run here, and gives the same numbers', async () => {
    const generator = [...GENERATOR, 'tokeniser=whole', 'epochs=1', 'maxLength=5'];
    expect(await desktop.run(...train('tiger', 'tiger-here', ...generator))).toMatchObject({ code: 0 });
    const there = await desktop.run(...train('tiger', 'tiger-there', ...generator), '--on', 'box');
    expect(there).toMatchObject({ code: 0 });
    const [a, b] = [await desktop.show('tiger-here'), await desktop.show('tiger-there')];
    expect(b.metrics).toEqual(a.metrics);
  });

  it('a tokeniser whose trainer dies there has after its second attempt what it has here', async () => {
    const followed = desktop.start(...train('rq-vae', 'twice', ...TOKENISER), '--on', 'box');
    const pid = await stopTrainer(desktop.root);
    process.kill(pid, 'SIGKILL');
    await followed.finished;
    await until(() => desktop.runs.length === 0);
    expect(await desktop.show('twice')).toMatchObject({ status: 'interrupted' });
    expect(Object.keys(await filesOf('twice', 'semantic-ids'))).toContain('manifest.json');
    expect(await desktop.run('train', '--resume', 'twice')).toMatchObject({ code: 0 });
    const [twice, whole] = [await desktop.show('twice'), await desktop.show('whole')];
    expect(twice.attempts).toHaveLength(2);
    expect(twice.metrics).toEqual(whole.metrics);
    expect(await filesOf('twice', 'semantic-ids')).toEqual(await filesOf('whole', 'semantic-ids'));
    expect(await desktop.run('semantic-ids', 'stats', 'twice')).toMatchObject({ code: 0 });
  });
});
