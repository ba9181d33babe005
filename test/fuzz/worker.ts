/** Reads damaged files one after the other in a process of its own, which may crash or hang. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError, UserError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/math/random.ts';
import { mutate } from './mutate.ts';
import { openFile, type Target, targetsIn } from './targets.ts';

/** What the worker is asked for: the inputs of a seed with these numbers. */
export interface Order {
  seed: number;
  from: number;
  to: number;
  folder: string;
}

/** An input is about to be read, was read, or was read wrongly. */
export type Report =
  | { kind: 'begin'; input: number; target: string; path: string }
  | { kind: 'end'; input: number; refused: boolean }
  | { kind: 'fault'; input: number; problem: string }
  | { kind: 'done' };

function chosen(targets: readonly Target[], random: Random): Target {
  let place = random.uniform() * targets.reduce((sum, { share }) => sum + share, 0);
  for (const target of targets) {
    place -= target.share;
    if (place < 0) return target;
  }
  return targets[0];
}

/** Writes input number `input`; the same seed and number give the same bytes. */
function make(targets: readonly Target[], seed: number, input: number, folder: string) {
  const random = new Random(seed, input, 'fuzz');
  const target = chosen(targets, random);
  const names = [...target.files.keys()];
  const name = names[Math.floor(random.uniform() * names.length)];
  const other = names[Math.floor(random.uniform() * names.length)];
  const { plain, pack } = openFile(target, target.files.get(name) ?? Buffer.alloc(0));
  const damaged = mutate(random, plain, openFile(target, target.files.get(other) ?? Buffer.alloc(0)).plain);
  const work = join(folder, `${input}`);
  mkdirSync(work, { recursive: true });
  const path = join(work, name);
  writeFileSync(path, pack(damaged));
  return { target, path, work };
}

async function read(
  target: Target,
  path: string,
  work: string,
): Promise<{ refused: boolean; problem: string | null }> {
  try {
    await target.read(path, work);
    return { refused: false, problem: null };
  } catch (error) {
    const clear = error instanceof UserError && !error.message.includes('\n');
    if (clear || error instanceof CancelledError) return { refused: true, problem: null };
    return {
      refused: true,
      problem: error instanceof Error ? `${error.stack ?? error.message}` : String(error),
    };
  }
}

const send = (report: Report) => process.send?.(report);

async function work({ seed, from, to, folder }: Order): Promise<void> {
  const targets = await targetsIn(join(folder, `files-${process.pid}`));
  for (let input = from; input < to; input++) {
    const { target, path, work: place } = make(targets, seed, input, folder);
    send({ kind: 'begin', input, target: target.name, path });
    const { refused, problem } = await read(target, path, place);
    if (problem === null) {
      rmSync(place, { recursive: true });
      send({ kind: 'end', input, refused });
    } else send({ kind: 'fault', input, problem });
  }
  rmSync(join(folder, `files-${process.pid}`), { recursive: true });
  send({ kind: 'done' });
}

process.once('message', (order: Order) => {
  void work(order).finally(() => process.disconnect());
});
