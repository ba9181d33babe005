/** Makes changes that can be taken back, all or none. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isQueuePaused, pausedMachines, pauseMachine, pauseQueue } from '../runs/queue-requests.ts';
import { changeTurn } from '../runs/turns.ts';
import type { Store } from '../store.ts';
import { type Change, type ChangeOf, changedSince, type WantedChange } from './change-types.ts';
import { TRASH_NOUNS } from './trash-types.ts';

type Wanted<Of extends WantedChange['of']> = Extract<WantedChange, { of: Of }>;

/**
 * Makes changes in one transaction, and returns them with what there was; what is so already is left out. Throws UserError of code
 * "changed", and makes none, where something is not as a change expects it.
 */
export function makeChanges(store: Store, wanted: readonly WantedChange[]): Change[] {
  return store.transaction(() => wanted.flatMap((change) => make(store, change)));
}

function make(store: Store, change: WantedChange): Change[] {
  switch (change.of) {
    case 'run':
      return changeRuns(store, change);
    case 'project':
      return changeProject(store, change);
    case 'comparison':
      return changeComparison(store, change);
    case 'deleted':
      return changeDeleted(store, change);
    case 'turn':
      return changeTurn(store, change);
    case 'order':
      return changeOrder(store, change);
    case 'paused':
      return changePaused(store, change);
    case 'machine':
      return changeMachine(store, change);
    case 'view':
      return changeView(store, change);
  }
}

/** The part of what there is that a change is about. */
const partOf = <Whole extends object>(whole: Whole, of: object) =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => Object.hasOwn(of, key))) as Partial<Whole>;

/** The first field that is not as it is expected. */
function otherField(now: object, expected: object | undefined): string | undefined {
  const values = now as Readonly<Record<string, unknown>>;
  return Object.entries(expected ?? {}).find(([key, value]) => !isDeepStrictEqual(values[key], value))?.[0];
}

const FIELDS: Readonly<Record<string, string>> = { notes: 'notes', tags: 'tags' };

/** "the name of the run x has been changed since" */
const fieldChanged = (field: string, what: string) =>
  changedSince(`the ${field} of ${what} ${field in FIELDS ? 'have' : 'has'} been changed since`);

/** Runs that are gone are left out, but where they are expected as they were. */
function changeRuns(store: Store, { ids, from, to: { tags, ...to } }: Wanted<'run'>): Change[] {
  const noted = store.table.annotationsOf(ids);
  const names = new Map(store.runs.named(ids, { metrics: [] }).map(({ id, name }) => [id, name]));
  const made = ids.flatMap((id) => {
    const name = names.get(id);
    if (name === undefined || !noted[id]) {
      if (from === undefined) return [];
      throw changedSince(
        name === undefined ? `there is no run ${id} any more` : `the run ${name} is in the trash`,
      );
    }
    const now = { name, ...noted[id], tags: noted[id].tags.toSorted() };
    const target = { ...to, ...(tags && { tags: tagsAfter(now.tags, tags) }) };
    const other = otherField(now, from);
    if (other !== undefined)
      throw other === 'name'
        ? changedSince(`the run is called ${name} by now`)
        : fieldChanged(other, `the run ${name}`);
    const was = partOf(now, target);
    if (isDeepStrictEqual(was, target)) return [];
    if (target.name !== undefined) store.runs.rename(id, target.name);
    store.table.annotate(id, target);
    return [{ id, from: was, to: target }];
  });
  const alike = Map.groupBy(made, (one) => JSON.stringify([one.from, one.to])).values();
  return [...alike].map((some) => {
    const [{ id: _, ...change }] = some;
    return { of: 'run', ids: some.map(({ id }) => id), ...change };
  });
}

function tagsAfter(now: readonly string[], change: NonNullable<Wanted<'run'>['to']['tags']>): string[] {
  const all = Array.isArray(change)
    ? change
    : [...now, ...change.add].filter((tag) => !change.remove.includes(tag));
  return [...new Set(all)].sort();
}

function changeProject(store: Store, { id, from, to }: Wanted<'project'>): Change[] {
  const found = store.projects.list().find((project) => project.id === id);
  if (!found) throw changedSince('the project has been deleted');
  const other = otherField(found, from);
  if (other !== undefined) throw fieldChanged(other, `the project ${found.name}`);
  const was = partOf({ name: found.name, description: found.description }, to);
  if (isDeepStrictEqual(was, to)) return [];
  store.projects.change(id, to);
  return [{ of: 'project', id, from: was, to }];
}

function changeComparison(store: Store, { id, from, to }: Wanted<'comparison'>): Change[] {
  const found = store.comparisons.list().find((comparison) => comparison.id === id);
  if (!found) throw changedSince('the comparison has been deleted');
  const { id: _, savedAt: __, ...stored } = found;
  // As it is sent: without what is undefined.
  const was: typeof stored = JSON.parse(JSON.stringify(stored));
  if (from !== undefined && !isDeepStrictEqual(was, JSON.parse(JSON.stringify(from))))
    throw changedSince(`the comparison ${found.name} has been changed since`);
  store.comparisons.save(to, id);
  return [{ of: 'comparison', id, from: was, to }];
}

function changeDeleted(store: Store, { kind, ids, from, to }: Wanted<'deleted'>): Change[] {
  const known = store.trash.knows(kind, ids);
  const noun = TRASH_NOUNS[kind];
  for (const id of from === undefined ? [] : ids) {
    const found = known.get(id);
    if (found === undefined) throw changedSince(`the ${noun} ${id} has been deleted permanently`);
    if (found.deleted !== from)
      throw changedSince(`the ${noun} ${found.name} has been ${from ? 'restored' : 'deleted'} since`);
  }
  const changed = ids.filter((id) => known.get(id)?.deleted !== to);
  if (changed.length === 0) return [];
  if (to) store.trash.put(kind, changed);
  else store.trash.restore(changed.map((id) => ({ kind, id })));
  return [{ of: 'deleted', kind, ids: changed, from: !to, to }];
}

/** What has begun or joined since is no other order. */
function changeOrder(store: Store, { from, to }: Wanted<'order'>): Change[] {
  const now = store.queue.list().map(({ run }) => run);
  const among = (runs: readonly string[], others: readonly string[]) => {
    const all = new Set(others);
    return runs.filter((run) => all.has(run));
  };
  if (from !== undefined && !isDeepStrictEqual(among(now, from), among(from, now)))
    throw changedSince('the order of the queue has been changed since');
  store.queue.reorder(to);
  const then = store.queue.list().map(({ run }) => run);
  return isDeepStrictEqual(now, then) ? [] : [{ of: 'order', from: now, to: then }];
}

function changePaused(store: Store, { from, to }: Wanted<'paused'>): Change[] {
  const now = isQueuePaused(store);
  if (from !== undefined && from !== now)
    throw changedSince(`the queue has been ${now ? 'paused' : 'resumed'} since`);
  if (now === to) return [];
  pauseQueue(store, to);
  return [{ of: 'paused', from: now, to }];
}

function changeMachine(store: Store, { name, from, to }: Wanted<'machine'>): Change[] {
  const title = name === '' ? 'this machine' : name;
  if (name !== '' && store.hosts.find(name) === null)
    throw changedSince(`the machine ${name} has been removed since`);
  const now = pausedMachines(store).includes(name);
  if (from !== undefined && from !== now)
    throw changedSince(`${title} has been ${now ? 'paused' : 'resumed'} since`);
  if (now === to) return [];
  pauseMachine(store, name, to);
  return [{ of: 'machine', name, from: now, to }];
}

const namedViews = z
  .array(z.looseObject({ name: z.string() }))
  .catch([])
  .default([]);

function changeView(store: Store, { key, name, from, to }: Wanted<'view'>): Change[] {
  const views = store.settings.read(`view:${key}`, namedViews);
  const at = views.findIndex((view) => view.name === name);
  const now = at < 0 ? null : views[at].view;
  if (from !== undefined && !isDeepStrictEqual(now, from))
    throw changedSince(`the view ${name} has been ${now === null ? 'deleted' : 'saved anew'} since`);
  const others = views.filter((view) => view.name !== name);
  store.settings.write(
    `view:${key}`,
    to === null ? others : others.toSpliced(at < 0 ? others.length : at, 0, { name, view: to }),
  );
  return [{ of: 'view', key, name, from: now as ChangeOf<'view'>['from'], to }];
}
