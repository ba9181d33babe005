/**
 * Random sequences of commands, kills, full disks, locked databases and restarts, held against the table of a run's
 * life. The scheduler, the recorder and the store are the real ones; trainers are scripted, and a process that is killed
 * is a store that is closed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { isWhole } from '../../../../test/form.ts';
import { addRun } from '../../../../test/store/home.ts';
import {
  acts,
  endRun,
  follow,
  isActive,
  isHosted,
  type Model,
  type ModelRun,
  World,
} from '../../../../test/store/run-life-acts.ts';
import { SLOTS } from '../../../../test/store/scripted-session.ts';
import { RUN_LIFE } from '../../../core/store/runs/run-life.ts';

const attemptRows = z.array(
  z.object({ number: z.number(), outcome: z.string().nullable(), from_step: z.number() }),
);

/** Lets everything settle, lets the model know what the scheduler began, and compares. */
async function compare(world: World, model: Model): Promise<void> {
  await vi.advanceTimersByTimeAsync(300);
  for (const [id, run] of model.runs) compareRun(world, model, id, run);
  const busy = [...model.runs.values()].filter(isActive).length;
  expect(busy).toBeLessThanOrEqual(SLOTS);
  const waits = [...model.runs.values()].some(({ state }) => state === 'queued');
  // What another process trains of the queue, or is to stop, has its slot until it has.
  const elsewhere = [...model.runs.values()].filter(
    (run) => isHosted(run) && run.host === 'other' && (run.place !== 'none' || run.isToStop),
  ).length;
  if (world.hub && !model.paused && !world.disk.trouble && busy + elsewhere < SLOTS)
    expect(waits).toBe(false);
}

function compareRun({ hub, other, reader }: World, { paused }: Model, id: string, run: ModelRun): void {
  const attempts = attemptRows.parse(reader.all('SELECT * FROM attempts WHERE run = ? ORDER BY number', id));
  if (hub && !paused && run.state === 'queued' && attempts.length > run.attempts) {
    follow(run, 'begin');
    Object.assign(run, { host: 'hub', attempts: run.attempts + 1 });
    // Neither lost nor done twice: from the newest recorded checkpoint.
    expect(attempts.at(-1)?.from_step).toBe(run.recorded);
  }
  expect(attempts.map(({ number }) => number)).toEqual(
    Array.from({ length: run.attempts }, (_, at) => at + 1),
  );
  const open = isHosted(run) ? 1 : 0;
  expect(attempts.filter(({ outcome }) => outcome === null)).toHaveLength(open);
  expect(reader.all('SELECT run FROM leases WHERE run = ?', id)).toHaveLength(open);
  expect(reader.get('SELECT status FROM runs WHERE id = ?', id)).toEqual({
    status: RUN_LIFE[run.state].status,
  });
  const results = reader.all('SELECT name FROM run_metrics WHERE run = ?', id);
  expect(results).toHaveLength(run.state === 'completed' ? 1 : 0);
  const held = { none: undefined, free: { held: 0 }, held: { held: 1 } }[run.place];
  expect(reader.get('SELECT held FROM queue WHERE run = ?', id)).toEqual(held);
  if (hub && isActive(run)) expect(hub.scheduler.stateOf(id)).toBe(run.state);
  const { steps } = other.store.series.read(id, 'train/loss');
  expect(steps).toEqual(steps.map((_, at) => at + 1));
  expect(steps.length).toBeGreaterThanOrEqual(run.recorded);
}

class Command implements fc.AsyncCommand<Model, World> {
  readonly #name: string;
  readonly #at: number;
  readonly #pick: number;

  constructor(name: string, at: number, pick: number) {
    this.#name = name;
    this.#at = at;
    this.#pick = pick;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    const ids = [...model.runs.keys()];
    const id = ids[this.#at % ids.length];
    const run = model.runs.get(id);
    if (run) await acts[this.#name](world, model, id, run, this.#pick);
    await compare(world, model);
  }

  toString(): string {
    return `${this.#name}(${this.#at}, ${this.#pick})`;
  }
}

function newWorld(runs: number): { model: Model; real: World } {
  const real = new World();
  const model: Model = { runs: new Map(), paused: false, backup: null };
  for (let seed = 1; seed <= runs; seed++) {
    const { id } = addRun(real.other.store, { seed });
    real.other.store.queue.put(id, 'end');
    const counts = { attempts: 0, losses: 0, lossStep: -1, recorded: 0, unrecorded: null };
    model.runs.set(id, { state: 'queued', host: null, place: 'free', unstored: null, ...counts });
  }
  mkdirSync(join(real.home, 'datasets', real.other.store.datasets.list()[0].id), { recursive: true });
  real.hub?.scheduler.start();
  return { model, real };
}

/** Whatever has happened: once there is room and a hub, every run that nobody held or cancelled ends. */
async function drainQueue(world: World, model: Model): Promise<void> {
  const nothing = [...model.runs][0];
  await acts.restart(world, model, ...nothing, 0);
  await acts.freeDisk(world, model, ...nothing, 0);
  if (model.paused) acts.pauseQueue(world, model, ...nothing, 0);
  for (let round = 0; round < 2 * model.runs.size; round++) {
    await compare(world, model);
    for (const [id, run] of model.runs) {
      if (!isHosted(run)) continue;
      world.trainer(id, run)?.end('completed');
      endRun(run, 'completed', world);
    }
  }
  await compare(world, model);
  for (const { state } of model.runs.values()) expect(['queued', 'starting']).not.toContain(state);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('a run goes through its life as the table says, whatever happens to it', async () => {
  const command = fc
    .tuple(fc.constantFrom(...Object.keys(acts)), fc.nat(2), fc.nat(4))
    .map(([name, at, pick]) => new Command(name, at, pick));
  const commands = fc.commands([command], { maxCommands: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const world = newWorld(3);
      try {
        await compare(world.real, world.model);
        await fc.asyncModelRun(() => world, sequence);
        await drainQueue(world.real, world.model);
      } finally {
        vi.clearAllTimers();
        world.real.close();
      }
    }),
    { numRuns: Number(process.env.TESSERA_SEQUENCES ?? (isWhole ? 30 : 8)) },
  );
});

it('every event of the table leads to a state that there is, and every state can be reached', () => {
  const reached = new Set<string>(['queued']);
  for (const { on } of Object.values(RUN_LIFE)) for (const next of Object.values(on)) reached.add(next);
  expect([...reached].sort()).toEqual(Object.keys(RUN_LIFE).sort());
});
