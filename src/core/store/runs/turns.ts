/** What a run is to do next, as a user asks for it and takes it back: to wait at a place, held or not, to train, or to end. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { lastProgress } from '../../training/journal.ts';
import { type Change, type ChangeOf, changedSince, type WantedChange } from '../home/change-types.ts';
import type { Store } from '../store.ts';
import type { OwnRun } from '../types.ts';
import { cancelRuns, finishRun, holdRun, requeueRun, takeBackFinish } from './queue-requests.ts';
import { phaseOf, type RunOutcome } from './run-life.ts';

type Turn = Required<ChangeOf<'turn'>['to']>;

/** The errors of what cannot be are those of a request. */
export function changeTurn(store: Store, { id, from, to }: Extract<WantedChange, { of: 'turn' }>): Change[] {
  const run = store.runs.own(id);
  const now = turnOf(store, run);
  if (from !== undefined) requireTurn(run, from, now);
  const next: Turn = { ...now, ...(to.held ? { at: now.at ?? 0 } : {}), ...to };
  // Where it is to end, or has ended, there is nothing to hold.
  if (next.at === null || next.held) next.finishing = false;
  if (next.at === null) next.held = false;
  if (isDeepStrictEqual(now, next)) return [];
  if (next.place !== now.place || !isDeepStrictEqual(next.job, now.job)) moveRun(store, run, next);
  if (next.finishing !== now.finishing && next.at !== null && !next.held) finish(store, run, next.finishing);
  if (next.at !== null) goOn(store, run, now, next);
  else if (next.ended !== null && phaseOf(run.status) === 'waiting') store.lifecycle.endAgain(id, next.ended);
  else if (next.ended !== null && now.at !== null && from !== undefined)
    throw changedSince(`the run ${run.name} has begun to train since`);
  else if (now.at !== null) cancelRuns(store, [id]);
  return [{ of: 'turn', id, from: now, to: next }];
}

function turnOf(store: Store, run: OwnRun): Turn {
  const { id, status, message, endedAt, place, job } = run;
  const phase = phaseOf(status);
  const at = store.queue.list().findIndex((entry) => entry.run === id);
  const kept = store.queue.placeOf(id);
  // One that trains goes on where nobody asked it to stop, or goes back to the queue.
  const trains = phase === 'hosted' && (kept !== null || store.lifecycle.wish(id) !== 'stop');
  return {
    at: at >= 0 ? at : trains ? 0 : null,
    held: (at >= 0 || trains) && (kept?.held ?? false),
    finishing: phase === 'hosted' && store.lifecycle.wish(id) === 'finish',
    place,
    job,
    ended: phase === 'ended' ? { status: status as RunOutcome, message, endedAt } : null,
  };
}

/** Other runs have gone and come: it may have another place. */
function requireTurn({ name }: OwnRun, from: Partial<Turn>, now: Turn): void {
  const { at = now.at, held = now.held, place = now.place, finishing = now.finishing } = from;
  if (at !== null && now.at === null) throw changedSince(`the run ${name} has ended since`);
  if (at === null && now.at !== null) throw changedSince(`the run ${name} has been queued again since`);
  if (held !== now.held) throw changedSince(`the run ${name} has been ${held ? 'resumed' : 'paused'} since`);
  if (finishing !== now.finishing)
    throw changedSince(`the run ${name} is ${finishing ? 'no longer' : 'by now'} to end after its epoch`);
  if (place !== now.place) throw changedSince(`the run ${name} is for ${now.place ?? 'this machine'} by now`);
}

/** Until its last epoch has ended, it may go on. One that has been asked to stop obeys that. */
function finish(store: Store, { id, name, status }: OwnRun, isWanted: boolean): void {
  if (phaseOf(status) !== 'hosted' || store.lifecycle.wish(id) === 'stop') return;
  if (isWanted) {
    finishRun(store, id);
    return;
  }
  const { number = 0 } = store.runs.attempts(id).at(-1) ?? {};
  const journal = store.lifecycle.journal(id, number);
  const told = journal === null ? null : lastProgress(join(store.runs.folder(id), journal));
  if (told?.phase === 'test') throw changedSince(`the run ${name} has ended its last epoch since`);
  takeBackFinish(store, id);
}

function moveRun(store: Store, { id, name, status }: OwnRun, { place, job }: Turn): void {
  if (phaseOf(status) === 'hosted') throw changedSince(`the run ${name} has begun to train since`);
  if (place !== null && store.hosts.find(place) === null)
    throw changedSince(`the machine ${place} has been removed since`);
  store.runs.moveTo(id, place, job);
}

/** One that is stopping goes back to its place, and on from what it has reached. */
function goOn(store: Store, { id, status }: OwnRun, now: Turn, next: Turn): void {
  const phase = phaseOf(status);
  if (phase === 'ended') requeueRun(store, id);
  if (phase === 'hosted' && now.at === null) store.queue.put(id, 'front');
  if (next.held && !now.held && phase === 'hosted') holdRun(store, id);
  else store.queue.hold(id, next.held);
  const waiting = store.queue.list().map(({ run }) => run);
  if (next.at === now.at || !waiting.includes(id)) return;
  store.queue.reorder(waiting.filter((run) => run !== id).toSpliced(next.at ?? 0, 0, id));
}
