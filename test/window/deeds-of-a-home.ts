/** What users, trainings and other processes do to a home, by name; each makes events of the contract happen. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { deleting, type WantedChange } from '../../src/core/api/changes.ts';
import type { ApiClient } from '../../src/core/api/contract.ts';
import type { Hub } from '../../src/main/hub/hub.ts';
import { runHere } from '../cli/command-line.ts';
import { temporaryStore } from '../store/home.ts';
import type { AskedOf } from './questions.ts';

interface Place {
  client: ApiClient;
  hub: Hub;
  home: string;
  ids: AskedOf;
}

/** A plan of the home. */
export const PLAN = 'plan: Baselines\ntables: [{ data: sample }]\nmodels: [popularity]\n';

export function deedsOf({ client, hub, home, ids }: Place): Record<string, () => Promise<unknown>> {
  const { key } = hub.store;
  const change = (...changes: WantedChange[]) => client.changes.make({ home: key, changes });
  const { run, other, dataset, plan } = ids;
  const completes = (run: string) =>
    expect
      .poll(async () => (await client.runs.show({ run })).run.status, { timeout: 30_000 })
      .toBe('completed');
  const train = async (name: string) => {
    const { runs } = await client.queue.enqueue({
      requests: [{ model: 'sasrec', overrides: {}, dataset, seeds: [7], device: 'cpu', name }],
    });
    await completes(runs[0]);
  };
  let brought = '';
  return {
    'a run is renamed, starred, tagged and noted': () =>
      change({
        of: 'run',
        ids: [run],
        to: { name: 'sasrec, renamed', starred: true, tags: ['a'], notes: 'n' },
      }),
    'a run goes into a new project': () => change({ of: 'run', ids: [run], to: { project: 'Paper' } }),
    'a project is described': async () => {
      const [{ id }] = await client.projects.list();
      await change({ of: 'project', id, to: { description: 'Of the paper' } });
    },
    'a comparison is saved': () =>
      client.comparisons.save({ name: 'Both', notes: '', runs: [run, other], project: null }),
    'a plan is written': () => client.plans.save({ plan, text: PLAN.replace('Baselines', 'One baseline') }),
    'it is deleted, and comes back': async () => {
      await change(deleting('plan', [plan]));
      await client.trash.restore({ items: [{ kind: 'plan', id: plan }] });
    },
    'the queue goes on': () => change({ of: 'paused', to: false }),
    'a training begins and completes': () => train('trained now'),
    'a plug-in is agreed to in a terminal': async () => {
      const path = join(home, 'model.ts');
      const made = await runHere(['--home', home, 'plugins', 'new', path]);
      const added = await runHere(['--home', home, 'plugins', 'add', path, '--yes']);
      expect([made.stderr, added.stderr]).toEqual(['', '']);
      await expect.poll(async () => (await client.models.plugins()).length, { timeout: 20_000 }).toBe(1);
    },
    'a pretrained model that was dropped is kept': async () => {
      const drop = join(home, 'uploads', 'a-drop');
      mkdirSync(drop, { recursive: true });
      cpSync(join(import.meta.dirname, '../language/gguf/llama.gguf'), join(drop, 'llama.gguf'));
      await client.language.keepModel({ path: join(drop, 'llama.gguf') });
      expect(await client.language.models()).toHaveLength(1);
    },
    'a run is archived': () => change({ of: 'run', ids: [other], to: { archived: true } }),
    'a view is kept': () => client.settings.writeView({ key: 'runs:current', value: { search: 'x' } }),
    'a setting is changed': () => client.settings.write({ threads: 2 }),
    'a data set is imported': async () => {
      const { paths } = await client.datasets.sample();
      await client.datasets.import({ paths, name: 'more' });
      await expect
        .poll(async () => (await client.datasets.list()).map(({ name }) => name), { timeout: 30_000 })
        .toContain('more');
      brought = (await client.datasets.list()).find(({ name }) => name === 'more')?.id ?? '';
    },
    'a data set is deleted': () => change(deleting('dataset', [brought])),
    'an export goes on': () =>
      client.work.start({
        of: 'dataset-export',
        input: { dataset, folder: '', format: 'recbole', split: 'leave-last-out' },
      }),
    'a compared run is deleted': () => change(deleting('run', [other])),
    'it is restored': () => client.trash.restore({ items: [{ kind: 'run', id: other }] }),
    'another process changes something': async () => temporaryStore(home).projects.create('of another'),
    'another process saves a comparison': async () =>
      temporaryStore(home).comparisons.save({ name: 'Elsewhere', notes: '', runs: [run], project: null }),
  };
}
