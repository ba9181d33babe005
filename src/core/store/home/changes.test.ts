import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { addRun, completeRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { pausedMachines } from '../runs/queue-requests.ts';
import type { Store } from '../store.ts';
import { reversed, type WantedChange } from './change-types.ts';
import { makeChanges } from './changes.ts';

interface Case {
  what: string;
  /** Prepares a home, and says what is changed, what shows it, and what another client does to it. */
  set(store: Store): { wanted: WantedChange[]; seen(): unknown; others(store: Store): void };
  refused: RegExp;
}

const booleans = z.boolean().default(false);
const views = z.unknown();

const comparison = (store: Store) =>
  store.comparisons.save({ name: 'Paper', notes: '', runs: ['r'], project: null }).id;

/** A run that waits, with two others behind it. */
function waiting(store: Store): string[] {
  const ids = [1, 2, 3].map((seed) => addRun(store, { seed }).id);
  for (const id of ids) store.queue.put(id, 'end');
  return ids;
}

const seenQueue = (store: Store) => () => [
  store.queue.list(),
  store.runs.list().map(({ id, status }) => [id, status]),
];

const CASES: Case[] = [
  {
    what: 'name, tags, notes, star, archive and project of runs',
    set(store) {
      const [one, other] = [addRun(store).id, addRun(store).id];
      store.table.annotate(one, { tags: ['b', 'a'], notes: 'old' });
      const to = {
        tags: { add: ['c'], remove: ['a'] },
        notes: 'new',
        starred: true,
        archived: true,
        project: 'P',
      };
      return {
        wanted: [
          { of: 'run', ids: [one, other, 'gone'], to },
          { of: 'run', ids: [one], to: { name: 'renamed' } },
        ],
        seen: () => [store.table.annotationsOf([one, other]), store.runs.get(one).name],
        others: (its) => its.table.annotate(other, { tags: ['d'] }),
      };
    },
    refused: /the tags of the run .* have been changed since/,
  },
  {
    what: 'a name',
    set(store) {
      const { id } = addRun(store, { name: 'first' });
      return {
        wanted: [{ of: 'run', ids: [id], to: { name: 'second' } }],
        seen: () => store.runs.get(id).name,
        others: (its) => its.runs.rename(id, 'third'),
      };
    },
    refused: /^the run is called third by now$/,
  },
  {
    what: 'a run that is put into the trash since',
    set(store) {
      const { id } = addRun(store, { name: 'first' });
      return {
        wanted: [{ of: 'run', ids: [id], to: { starred: true } }],
        seen: () => store.table.annotationsOf([id]),
        others: (its) => its.trash.put('run', [id]),
      };
    },
    refused: /^the run first is in the trash$/,
  },
  {
    what: 'a project',
    set(store) {
      const { id } = store.projects.create('Drafts');
      return {
        wanted: [{ of: 'project', id, to: { name: 'Final', description: 'All of it.' } }],
        seen: () => store.projects.list(),
        others: (its) => its.projects.change(id, { description: 'Most of it.' }),
      };
    },
    refused: /^the description of the project Final has been changed since$/,
  },
  {
    what: 'a saved comparison',
    set(store) {
      const id = comparison(store);
      const to = { name: 'Paper 2', notes: 'SASRec wins', runs: ['r', 's'], baseline: null, project: null };
      return {
        wanted: [{ of: 'comparison', id, to }],
        seen: () => store.comparisons.list().map(({ savedAt: _, ...content }) => content),
        others: (its) => its.comparisons.save({ ...to, notes: 'HSTU wins' }, id),
      };
    },
    refused: /^the comparison Paper 2 has been changed since$/,
  },
  {
    what: 'deletions of every kind',
    set(store) {
      const run = addRun(store);
      const project = store.projects.create('P').id;
      const wanted = (kind: 'run' | 'dataset' | 'project' | 'comparison', id: string) =>
        ({ of: 'deleted', kind, ids: [id], to: true }) as const;
      const all = [
        wanted('run', run.id),
        wanted('dataset', String(run.dataset.id)),
        wanted('project', project),
        wanted('comparison', comparison(store)),
      ];
      return {
        wanted: all.map((one) => ({ ...one, ids: [...one.ids] })),
        seen: () => [
          Object.keys(store.table.annotationsOf([run.id])),
          ...[store.datasets.list(), store.projects.list(), store.comparisons.list()].map(
            (some) => some.length,
          ),
        ],
        others: (its) => its.trash.restore([{ kind: 'project', id: project }]),
      };
    },
    refused: /^the project P has been restored since$/,
  },
  {
    what: 'the order of the queue',
    set(store) {
      const [a, b, c] = waiting(store);
      return {
        wanted: [{ of: 'order', to: [c, a, b] }],
        seen: () => store.queue.list(),
        others: (its) => its.queue.reorder([b]),
      };
    },
    refused: /^the order of the queue has been changed since$/,
  },
  {
    what: 'a pause of the queue',
    set: (store) => ({
      wanted: [{ of: 'paused', to: true }],
      seen: () => store.settings.read('queue.paused', booleans),
      others: (its) => makeChanges(its, [{ of: 'paused', to: false }]),
    }),
    refused: /^the queue has been resumed since$/,
  },
  {
    what: 'a pause of a machine',
    set: (store) => {
      store.hosts.put({ name: 'lab', folder: null, job: {} });
      return {
        wanted: [{ of: 'machine', name: 'lab', to: true }],
        seen: () => pausedMachines(store),
        others: (its) => makeChanges(its, [{ of: 'machine', name: 'lab', to: false }]),
      };
    },
    refused: /^lab has been resumed since$/,
  },
  {
    what: 'a pause of a run that waits',
    set(store) {
      const [, b] = waiting(store);
      return {
        wanted: [{ of: 'turn', id: b, to: { held: true } }],
        seen: seenQueue(store),
        others: (its) => its.queue.hold(b, false),
      };
    },
    refused: /^the run .* has been resumed since$/,
  },
  {
    what: 'the cancellation of a run that waits, which comes back to its place',
    set(store) {
      const [, b] = waiting(store);
      return {
        wanted: [{ of: 'turn', id: b, to: { at: null } }],
        seen: seenQueue(store),
        others: (its) => {
          its.lifecycle.requeue(b);
          its.queue.put(b, 'front');
        },
      };
    },
    refused: /^the run .* has been queued again since$/,
  },
  {
    what: 'a run that is to go on, which is interrupted again',
    set(store) {
      const { id } = addRun(store);
      store.lifecycle.begin(id, null);
      store.lifecycle.end(id, 'interrupted', 'the power failed');
      return {
        wanted: [{ of: 'turn', id, to: { at: 0, held: false } }],
        seen: () => [store.queue.list(), store.runs.get(id).status, store.runs.get(id).message],
        others: (its) => its.lifecycle.begin(id, null, { keepsPlace: true }),
      };
    },
    refused: /^the run .* has begun to train since$/,
  },
  {
    what: 'the move of a run to this machine',
    set(store) {
      store.hosts.put({ name: 'box', folder: null, job: {} });
      const { id } = addRun(store, { place: 'box', job: { memory: '8G' } });
      store.queue.put(id, 'end');
      return {
        wanted: [{ of: 'turn', id, to: { at: 0, place: null, job: null } }],
        seen: () => [store.runs.own(id).place, store.runs.own(id).job],
        others: (its) => its.hosts.remove('box'),
      };
    },
    refused: /^the machine box has been removed since$/,
  },
  {
    what: 'a named view',
    set(store) {
      const key = 'runs:saved';
      store.settings.write(`view:${key}`, [
        { name: 'a', view: 1 },
        { name: 'b', view: 2 },
        { name: 'c', view: 3 },
      ]);
      return {
        wanted: [
          { of: 'view', key, name: 'd', to: { columns: [] } },
          { of: 'view', key, name: 'a', to: 4 },
        ],
        seen: () => store.settings.read(`view:${key}`, views),
        others: (its) => makeChanges(its, [{ of: 'view', key, name: 'd', to: null }]),
      };
    },
    refused: /^the view d has been deleted since$/,
  },
];

describe.each(CASES)('$what', ({ set, refused }) => {
  it('is changed, taken back, done again, and never over what another client has changed', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const { wanted, seen, others } = set(store);
    const before = seen();
    const made = makeChanges(store, wanted);
    const after = seen();
    expect(after).not.toEqual(before);
    // As a window has kept it.
    const kept = JSON.parse(JSON.stringify(made));
    makeChanges(store, reversed(kept));
    expect(seen()).toEqual(before);
    makeChanges(store, kept);
    expect(seen()).toEqual(after);

    others(temporaryStore(home));
    const theirs = seen();
    expect(() => makeChanges(store, reversed(kept))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(refused),
        details: expect.objectContaining({ code: 'changed' }),
      }),
    );
    expect(seen()).toEqual(theirs);
  });
});

it('makes all of several changes or none, and says nothing of those that are so already', () => {
  const store = temporaryStore();
  const [one, other] = [addRun(store).id, addRun(store).id];
  store.table.annotate(one, { starred: true });
  const star: WantedChange = { of: 'run', ids: [one, other], to: { starred: true } };
  expect(() => makeChanges(store, [star, { of: 'project', id: 'none', to: { name: 'P' } }])).toThrow();
  expect(store.table.annotations(other).starred).toBe(false);
  expect(makeChanges(store, [star])).toEqual([
    { of: 'run', ids: [other], from: { starred: false }, to: { starred: true } },
  ]);
  expect(makeChanges(store, [star])).toEqual([]);
});

it('brings no run back to the queue that is complete or being trained', () => {
  const store = temporaryStore();
  const [done, stopped] = [addRun(store).id, addRun(store).id];
  completeRun(store, done);
  expect(() => makeChanges(store, [{ of: 'turn', id: done, to: { at: 0 } }])).toThrow('has completed');

  // It stops, and goes back to its place: nothing of what it has reached is lost.
  store.queue.put(stopped, 'end');
  store.lifecycle.begin(stopped, null, { keepsPlace: true });
  const cancelled = makeChanges(store, [{ of: 'turn', id: stopped, to: { at: null } }]);
  expect(store.lifecycle.wish(stopped)).toBe('stop');
  makeChanges(store, reversed(cancelled));
  store.lifecycle.end(stopped, 'cancelled', null);
  expect([store.runs.get(stopped).status, store.queue.list()]).toEqual([
    'queued',
    [{ run: stopped, held: false }],
  ]);
});

it('opens a home that cannot be written, which has a key of this session', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const write = vi.spyOn(store.settings, 'write').mockImplementation(() => {
    throw new Error('the disk is full');
  });
  const { key } = store;
  expect([key, write.mock.calls.length]).toEqual([store.key, 1]);
  expect(temporaryStore(home).key).not.toBe(key);
});

it('is of one home: its key is of no copy, and of no other home at its place', async () => {
  const [home, other] = [temporaryHome(), temporaryHome()];
  const store = temporaryStore(home);
  expect(temporaryStore(home).key).toBe(store.key);
  expect(temporaryStore(other).key).not.toBe(store.key);
  expect(store.key).toContain(home);
});
