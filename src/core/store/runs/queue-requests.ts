/**
 * What a user asks of runs that wait or train, from whatever process. What is asked of one that trains is stored with its attempt,
 * and the process that hosts it does it (`ActiveRun.heed`); one that nobody hosts is asked itself.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { JobOptions } from '../../training/job-options.ts';
import { writeRequest } from '../../training/journal.ts';
import type { Store } from '../store.ts';
import type { OwnRun } from '../types.ts';
import type { Wish } from './leases.ts';
import { journalOf } from './lost-runs.ts';
import { phaseOf } from './run-life.ts';

const PAUSED = 'queue.paused';
const paused = z.boolean().default(false);

/** While it is, no run of the queue begins; those that train go on. */
export const isQueuePaused = ({ settings }: Store) => settings.read(PAUSED, paused);
export const pauseQueue = ({ settings }: Store, isPaused: boolean) => settings.write(PAUSED, isPaused);

const MACHINES = 'queue.pausedMachines';
const machines = z.array(z.string()).default([]);

/** Where no run of the queue begins, by name; this machine is "". */
export const pausedMachines = ({ settings }: Store) => settings.read(MACHINES, machines);

export function pauseMachine(store: Store, name: string, isPaused: boolean): void {
  store.transaction(() => {
    const others = pausedMachines(store).filter((one) => one !== name);
    store.settings.write(MACHINES, isPaused ? [...others, name].sort() : others);
  });
}

/** Takes runs that wait out of the queue, and stops those that train, which keep what they have reached: all of them, or none. */
export function cancelRuns(store: Store, runs: readonly string[]): void {
  const isStopped = (run: string) => {
    const began = store.runs.attempts(run).length > 0;
    const message = began ? 'cancelled while it waited' : 'cancelled before it began';
    if (store.lifecycle.endWaiting(run, 'cancelled', message)) return false;
    wish(store, run, 'stop');
    store.queue.remove(run);
    return true;
  };
  for (const run of store.transaction(() => runs.filter(isStopped))) askTrainer(store, run);
}

/** Holds a run that waits; one that trains stops with its checkpoint, and is held then. */
export function holdRun(store: Store, run: string): void {
  store.runs.own(run);
  const isStopped = store.transaction(() => {
    const waits = store.queue.has(run);
    const before = store.lifecycle.wish(run);
    if (!waits) wish(store, run, 'stop');
    if (store.queue.hold(run, true)) return !waits;
    // Cancelled, it has no place any more, and would come back with one.
    if (before === 'stop') throw refused(store, run, 'is stopping already');
    store.queue.put(run, 'front', true);
    return !waits;
  });
  if (isStopped) askTrainer(store, run);
}

/** Lets a run that is held begin in its turn; one that ended unfinished goes to the front. */
export function releaseRun(store: Store, run: string): void {
  if (!store.queue.hold(run, false)) requeueRun(store, run);
}

/** Makes the present epoch of a run the last one; its best epoch is then tested. */
export function finishRun(store: Store, run: string): void {
  store.transaction(() => {
    if (store.lifecycle.wish(run) === 'stop') throw refused(store, run, 'is stopping already');
    wish(store, run, 'finish');
  });
  askTrainer(store, run);
}

/** Lets a run that was to end after its present epoch go on. */
export function takeBackFinish(store: Store, run: string): void {
  store.lifecycle.setWish(run, null);
  askTrainer(store, run);
}

/** Trains a run of another machine here: it goes to the front, and one that trains stops there and brings what it has reached. */
export function trainRunHere(store: Store, run: string): void {
  store.transaction(() => {
    const isElsewhere = store.runs.attempts(run).at(-1)?.lastPlace !== undefined;
    if (store.runs.own(run).place === null && !isElsewhere)
      throw refused(store, run, 'is for this machine already');
    if (!store.queue.has(run)) wish(store, run, 'stop');
    store.runs.moveTo(run, null, null);
    // Where it stops with a place in the queue, it begins again.
    store.queue.put(run, 'front');
  });
}

/** Puts an unfinished run back at the front, with a job that is submitted otherwise. Throws UserError if it is running or completed. */
export function requeueRun(store: Store, run: string, job?: JobOptions): void {
  const record = store.runs.own(run);
  if (record.dataset.id === null) throw datasetDeleted(record);
  store.transaction(() => {
    if (job) store.runs.changeJob(run, job);
    store.lifecycle.requeue(run);
    store.queue.put(run, 'front');
  });
}

/** To an end of the queue, or beside another run that waits. */
export type QueueMove = 'front' | 'back' | { before: string } | { after: string };

/** Moves a run that waits. */
export function moveRun(store: Store, run: string, to: QueueMove): void {
  store.transaction(() => {
    const waiting = store.queue.list().map((entry) => entry.run);
    const placeOf = (one: string, among: readonly string[]) => {
      if (!waiting.includes(one)) throw refused(store, one, 'does not wait');
      if (!among.includes(one)) throw refused(store, one, 'cannot be moved beside itself');
      return among.indexOf(one);
    };
    const others = waiting.toSpliced(placeOf(run, waiting), 1);
    const at = () => {
      if (to === 'front') return 0;
      if (to === 'back') return others.length;
      return 'before' in to ? placeOf(to.before, others) : placeOf(to.after, others) + 1;
    };
    store.queue.reorder(others.toSpliced(at(), 0, run));
  });
}

/** The error of a run that cannot go on. */
export function datasetDeleted({ id, name, dataset }: Pick<OwnRun, 'id' | 'name' | 'dataset'>): UserError {
  return new UserError({
    code: 'invalid',
    problem: `run ${name} (${id}) cannot be resumed: its data set ${dataset.name} has been deleted`,
    fix: { cli: 'restore it if "trash list" still has it', window: 'restore it if the trash still has it' },
  });
}

/** Stores it for whoever hosts the run. Throws UserError where nobody trains it. */
function wish(store: Store, run: string, what: Wish): void {
  const { status } = store.runs.get(run);
  const phase = phaseOf(status);
  if (phase === 'waiting') throw refused(store, run, 'waits: it does not train');
  if (phase === 'ended') throw refused(store, run, `is ${status}: it neither waits nor trains`);
  store.lifecycle.setWish(run, what);
}

const REQUESTS = { stop: 'stop', finish: 'stopAfterEpoch', none: 'goOn' } as const;

/** A trainer of this machine looks for requests once its host has ended. One elsewhere is asked by whoever takes the run over. */
function askTrainer(store: Store, run: string): void {
  const lost = store.lifecycle.lost().find((attempt) => attempt.run === run && attempt.place === null);
  const journal = lost ? journalOf(store, lost) : null;
  // Whose host died before there was a folder has no trainer.
  if (lost && journal !== null && existsSync(dirname(journal)))
    writeRequest(journal, REQUESTS[lost.wish ?? 'none']);
}

const refused = ({ runs }: Store, run: string, why: string) =>
  new UserError(`run ${runs.get(run).name} (${run}) ${why}`);
