/** What is done with strays: they are adopted, evaluated again, looked for on other machines, and what still trains there is ended. */
import { join } from 'node:path';
import type { StrayLook } from '../../core/api/trash.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { readRunFile } from '../../core/store/files/run-file.ts';
import { trainerIn } from '../../core/store/files/stray-trainer.ts';
import type { Store } from '../../core/store/store.ts';
import { writeRequest } from '../../core/training/journal.ts';
import { GRACE_MS } from '../executors/canceller.ts';
import type { Executor } from '../executors/executor.ts';

const KILLED_MS = 5_000;
const LOOK_MS = 200;

type ExecutorOf = (host: string) => Executor;

/** Asks all machines of the home at once. Never rejects for one that does not answer. */
export function straysElsewhere(store: Store, on: ExecutorOf): Promise<StrayLook[]> {
  const look = async ({ name }: { name: string }): Promise<StrayLook> => {
    try {
      const found = (await on(name).strays?.(store.hosts.trainingsOn(name))) ?? [];
      // Some may have begun meanwhile.
      const known = new Set(store.hosts.trainingsOn(name));
      return { on: name, strays: found.filter((stray) => !known.has(stray.name)), problem: null };
    } catch (error) {
      return { on: name, strays: [], problem: messageOf(error, 'window') };
    }
  };
  return Promise.all(store.hosts.list().map(look));
}

/**
 * Ends the trainer of a stray: on this machine by the path of its folder, on another one (`on`) by its folder's name there. It is
 * asked first, and keeps its checkpoint. Throws UserError where none runs, and where its process cannot be told for sure.
 */
export async function endStray(
  store: Store,
  { id, on }: { id: string; on: string | null },
  executorOf: ExecutorOf,
): Promise<void> {
  if (on === null) return endHere(store, id);
  if (store.hosts.trainingsOn(on).includes(id))
    throw new UserError(`${id} on ${on} is a run of this data folder: cancel that run`);
  await executorOf(on).endStray?.(id);
}

async function endHere(store: Store, path: string): Promise<void> {
  const { machine } = store;
  const { clock } = machine;
  if (!(await store.trash.strays()).includes(path)) throw new UserError(`${path}: is no stray folder`);
  const folder = join(store.home, path);
  const trainer = trainerIn(folder, machine);
  if (trainer === null) throw new UserError(`${path}: nothing is training it on this machine`);
  const { journal, process, liveness } = trainer;
  if (liveness !== 'alive')
    throw new UserError(
      `${path}: whether process ${process.pid} is its trainer cannot be told here: end it where it was started`,
    );
  if (readRunFile(folder).run.kind !== 'own')
    throw new UserError(`${path}: another program is training it: end it there`);
  const hasEnded = async (within: number) => {
    const isOver = () => machine.livenessOf(process) !== 'alive';
    for (const since = clock.elapsed(); !isOver() && clock.elapsed() - since < within; )
      await clock.sleep(LOOK_MS);
    return isOver();
  };
  writeRequest(journal, 'stop');
  if (await hasEnded(GRACE_MS)) return;
  machine.kill(process);
  if (!(await hasEnded(KILLED_MS)))
    throw new UserError(`${path}: process ${process.pid} was killed and has not ended yet: look again`);
}
