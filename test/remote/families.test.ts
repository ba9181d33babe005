/** A model of each family comes to the same on a host as here, as a process and as a job, however often its trainer is killed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWhole, some } from '../form.ts';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, type Shown, stopTrainer } from './desktop.ts';
import { SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS);

/** How often a trainer is killed, in the whole form. */
const KILLS = Number(process.env.TESSERA_KILLS ?? 3);

interface Case {
  model: string;
  dataset: 'sample' | 'clicks';
  settings: string[];
  /** Whether it trains for long enough to be killed. */
  isLong: boolean;
}

const SMALL = ['dim=16', 'heads=1', 'blocks=1', 'maxLength=20', 'batchSize=16', 'epochs=6'];

const TOKENISER: Case = {
  ...{ model: 'rq-vae', dataset: 'sample', isLong: true },
  settings: ['epochs=6', 'codes=8', 'latentDim=8', 'hidden=16', 'batchSize=32', 'evaluateEvery=2'],
};

const WORDS: Case = {
  ...{ model: 'lc-rec', dataset: 'sample', isLong: true },
  settings: [
    ...['tokeniser=ids', 'dim=16', 'heads=1', 'blocks=1', 'vocabulary=300', 'maxLength=5', 'batchSize=32'],
    ...['epochs=3', 'epochSteps=20', 'validationUsers=20', 'validationBeams=10', 'beams=10'],
  ],
};

/** What a setting names, by the name of the run. */
const SOURCES: Readonly<Record<string, [string, Case]>> = {
  'tokeniser=ids': ['ids', TOKENISER],
  'policy=words': ['words', WORDS],
};

const CASES: readonly Case[] = [
  { model: 'hstu', dataset: 'sample', settings: [...SMALL, 'patience=0'], isLong: true },
  { model: 'ease', dataset: 'sample', settings: [], isLong: false },
  TOKENISER,
  {
    ...{ model: 'tiger', dataset: 'sample', isLong: true },
    settings: ['tokeniser=ids', 'dim=16', 'heads=1', 'headDim=16', 'ffnDim=16', 'maxLength=5', 'epochs=3'],
  },
  WORDS,
  {
    ...{ model: 'rewarded', dataset: 'sample', isLong: true },
    settings: ['policy=words', 'epochs=2', 'epochSteps=4', 'group=4', 'batchSize=8', 'learningRate=0.01'],
  },
  { model: 'dlrm', dataset: 'clicks', settings: ['dim=4', 'epochs=3', 'batchSize=64'], isLong: true },
  // From outside of the program: its copy goes to the host along with the run.
  { model: 'my-model', dataset: 'sample', settings: [...SMALL, 'patience=0'], isLong: true },
  { model: 'brew', dataset: 'sample', settings: ['dim=16', 'heads=1', 'blocks=1', 'epochs=1'], isLong: true },
];

const train = ({ model, dataset, settings }: Case, name: string, ...more: string[]) => [
  ...['train', '--dataset', dataset, '--model', model, '--name', name, ...more],
  ...['--seed', '1', '--device', 'cpu', '--threads', '1'],
  ...settings.flatMap((setting) => ['--set', setting]),
];

/** What it came to. */
const outcome = ({ status, metrics }: Shown) => ({ status, metrics });

describe.skipIf(why).each(['ssh', 'slurm'] as const)(
  `a model of each family, by %s (${why ?? 'sshd'})`,
  (kind) => {
    let desktop: Desktop;
    let cluster: TestSlurm | null = null;
    beforeAll(async () => {
      if (kind === 'slurm') cluster = await startSlurm({ accounting: false });
      desktop = new Desktop(await startSshd({ PATH: '/usr/bin:/bin', ...cluster?.env }));
      await desktop.prepare();
      const clicks = join(desktop.home, 'clicks.csv');
      const rows = Array.from({ length: 400 }, (_, at) => `${at % 3 === 0 ? 1 : 0},${at % 7},${at % 11}`);
      writeFileSync(clicks, `label,site,device\n${rows.join('\n')}\n`);
      expect(await desktop.run('datasets', 'import', clicks, '--name', 'clicks')).toMatchObject({ code: 0 });
      const plugin = join(desktop.home, 'my-model.ts');
      expect(await desktop.run('plugins', 'new', plugin)).toMatchObject({ code: 0 });
      expect(await desktop.run('plugins', 'add', plugin, '--yes')).toMatchObject({ code: 0 });
    });
    afterAll(async () => {
      endStopped();
      await Promise.all([desktop?.server.end(), cluster?.end()]);
    });

    const made = new Set<string>();
    const makeSources = async ({ settings }: Case): Promise<void> => {
      for (const [name, source] of settings.flatMap((setting) =>
        SOURCES[setting] ? [SOURCES[setting]] : [],
      )) {
        if (made.has(name)) continue;
        made.add(name);
        await makeSources(source);
        expect(await desktop.run(...train(source, name))).toMatchObject({ code: 0 });
      }
    };

    // As many of them every day, others the next.
    it.each(some(CASES, 1))('$model gives the numbers of here', async (one) => {
      const name = `${one.model}-${kind}`;
      await makeSources(one);
      expect(await desktop.run(...train(one, `${name}-here`))).toMatchObject({ code: 0 });
      const here = outcome(await desktop.show(`${name}-here`));
      let followed = desktop.start(...train(one, name, '--on', 'box'));
      for (let kill = 0; isWhole && one.isLong && kill < KILLS; kill++) {
        const pid = await Promise.race([stopTrainer(desktop.root), followed.finished.then(() => null)]);
        if (pid === null) break;
        process.kill(pid, 'SIGKILL');
        await followed.finished;
        // It was killed on its last step, between its result and its end.
        if ((await desktop.show(name)).status === 'completed') break;
        followed = desktop.start('train', '--resume', name);
      }
      expect(await followed.finished).toMatchObject({ code: 0 });
      expect(outcome(await desktop.show(name))).toEqual(here);
      expect(desktop.runs).toEqual([]);
    });
  },
);
