/** What can happen to runs, done to real services and to a model of what should come of it. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, vi } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import {
  nextState,
  RUN_LIFE,
  type RunEnding,
  type RunEvent,
  type RunState,
  UNFINISHED,
} from '../../src/core/store/runs/run-life.ts';
import { downgrade } from './downgrade.ts';
import { temporaryHome } from './home.ts';
import { type Disk, FillableConnection, type ScriptedTrainer, Session } from './scripted-session.ts';

const LEASE_MS = 61_000;
const HEARTBEAT_MS = 5_000;

export interface ModelRun {
  state: RunState;
  /** Who hosts it, or did when it was lost. */
  host: 'hub' | 'other' | null;
  /** Its place in the queue: what becomes of it once it has stopped. */
  place: 'none' | 'free' | 'held';
  attempts: number;
  /** Of the attempts in a row that lost their hosts at the same step. */
  losses: number;
  lossStep: number;
  /** Its trainer has ended so, and that is not stored. */
  unstored: RunEnding | null;
  /** Its user has asked this attempt to stop. */
  isToStop?: boolean;
  /** The newest recorded checkpoint, and one that its host cannot record yet. */
  recorded: number;
  unrecorded: number | null;
}

/** What should be so. */
export interface Model {
  runs: Map<string, ModelRun>;
  paused: boolean;
  /** As it was when the backup was made, which knows no later run or attempt. */
  backup: Pick<Model, 'runs' | 'paused'> | null;
}

export class World {
  readonly home = temporaryHome();
  readonly disk: Disk = { trouble: null };
  readonly backup = join(this.home, 'backup.db');
  other = new Session(this.home, this.disk);
  reader = new FillableConnection(this.home, { trouble: null });
  hub: Session | null = new Session(this.home, this.disk);

  trainer(id: string, { host }: ModelRun): ScriptedTrainer | undefined {
    return (host === 'hub' ? this.hub : this.other)?.host.trainers.get(id);
  }

  open(): void {
    this.other = new Session(this.home, this.disk);
    this.reader = new FillableConnection(this.home, { trouble: null });
    this.hub = new Session(this.home, this.disk);
    this.hub.scheduler.start();
  }

  close(): void {
    for (const session of [this.hub, this.other]) session?.connection.close();
    this.reader.close();
  }
}

export function follow(run: ModelRun, event: RunEvent): void {
  const next = nextState(run.state, event);
  if (next === null) throw new Error(`${event} cannot happen to a run that is ${run.state}`);
  run.state = next;
  if (event === 'begin') run.isToStop = false;
  const { phase } = RUN_LIFE[next];
  if (phase !== 'hosted') Object.assign(run, { host: null, unstored: null });
  if (phase === 'ended') run.place = 'none';
}

function endingOf({ place }: ModelRun, otherwise: 'cancelled' | 'interrupted'): RunEnding {
  return place === 'none' ? otherwise : place === 'held' ? 'held' : 'requeued';
}

/** The run's trainer has ended; where nothing can be written, that is not stored yet. */
export function endRun(run: ModelRun, ending: RunEnding, { disk }: Pick<World, 'disk'>): void {
  if (disk.trouble) run.unstored = ending;
  else {
    run.losses = 0;
    follow(run, ending);
  }
}

/** Of one that was to stop it is known, unless an older version has had the home. */
function loseHost(run: ModelRun, keepsWishes = true): void {
  if (run.isToStop && keepsWishes) {
    run.losses = 0;
    follow(run, endingOf(run, 'cancelled'));
    return;
  }
  run.losses = run.lossStep === run.recorded ? run.losses + 1 : 1;
  run.lossStep = run.recorded;
  follow(run, run.losses >= 3 ? 'interrupted' : endingOf(run, 'interrupted'));
}

function hasWishes(path: string): boolean {
  const database = new Database(path, { readonly: true });
  const columns = database.prepare(`SELECT name FROM pragma_table_info('attempts')`).pluck().all();
  database.close();
  return columns.includes('wish');
}

export const isHosted = ({ state }: ModelRun) => RUN_LIFE[state].phase === 'hosted';
const isWaiting = ({ state }: ModelRun) => RUN_LIFE[state].phase === 'waiting';
const isUnfinished = ({ state }: ModelRun) => UNFINISHED.some((status) => status === RUN_LIFE[state].status);
/** Hosted by the hub, which can stop it. */
export const isActive = (run: ModelRun) => isHosted(run) && run.host === 'hub' && run.unstored === null;

/** Expects a call to be refused or, where it may go through, to have its effect. */
function call(
  { disk }: Pick<World, 'disk'>,
  allowed: boolean,
  work: () => unknown,
  effect: () => void,
): void {
  if (!allowed || disk.trouble) expect(work).toThrow(UserError);
  else {
    work();
    effect();
  }
}

function stop(run: ModelRun): void {
  run.isToStop = true;
  follow(run, 'stop');
}

/** Asks the hub for something of a run, which its host hears of at once or, where that is another process, soon. */
async function ask(
  world: World,
  id: string,
  run: ModelRun,
  work: () => unknown,
  effect: () => void,
  allowed = isWaiting(run) || isHosted(run),
): Promise<void> {
  const trainer = isHosted(run) && run.state !== 'stopping' ? world.trainer(id, run) : undefined;
  const before = trainer?.asked;
  call(world, allowed, work, effect);
  if (!allowed || world.disk.trouble || !trainer) return;
  if (run.host === 'other') await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  expect(trainer.asked).toBe((before ?? 0) + 1);
}

/** What happens: to the run that was picked, or to all. `pick` chooses between variants. */
type Act = (world: World, model: Model, id: string, run: ModelRun, pick: number) => unknown;

export const acts: Record<string, Act> = {
  hold: (world, _model, id, run) =>
    world.hub &&
    ask(
      world,
      id,
      run,
      () => world.hub?.scheduler.pause(id),
      () => {
        run.place = 'held';
        if (isHosted(run)) stop(run);
        else if (run.state === 'queued') follow(run, 'hold');
      },
      // One that is cancelled would come back.
      isWaiting(run) || (isHosted(run) && !(run.isToStop && run.place === 'none')),
    ),
  release: (world, _model, id, run) =>
    world.hub &&
    call(
      world,
      run.place !== 'none' || isUnfinished(run),
      () => world.hub?.scheduler.resume(id),
      () => {
        if (run.place === 'none') follow(run, 'enqueue');
        else if (run.state === 'held') follow(run, 'release');
        run.place = 'free';
      },
    ),
  cancel: (world, _model, id, run) =>
    world.hub &&
    ask(
      world,
      id,
      run,
      () => world.hub?.scheduler.cancel(id),
      () => {
        run.place = 'none';
        if (isHosted(run)) stop(run);
        else follow(run, 'cancelled');
      },
    ),
  /** One that is starting would hear of it once it trains. */
  stopAfterEpoch: (world, _model, id, run) =>
    world.hub &&
    run.state !== 'starting' &&
    run.state !== 'finishing' &&
    ask(
      world,
      id,
      run,
      () => world.hub?.scheduler.stopAfterEpoch(id),
      () => follow(run, 'stopAfterEpoch'),
      run.state === 'training',
    ),
  requeue: (world, _model, id, run) =>
    world.hub &&
    call(
      world,
      isWaiting(run) || isUnfinished(run),
      () => world.hub?.scheduler.requeue(id),
      () => {
        run.place = 'free';
        follow(run, 'enqueue');
      },
    ),
  resumeElsewhere: (world, _model, id, run) =>
    call(
      world,
      isWaiting(run) || isUnfinished(run),
      () => world.other.runs.resume(id).ended.catch(() => {}),
      () => {
        run.place = 'none';
        follow(run, 'begin');
        Object.assign(run, { host: 'other', attempts: run.attempts + 1 });
      },
    ),
  /** Two clients at once: the second one is refused. */
  resumeTwice: (world, model, id, run, pick) => {
    if (!world.hub || world.disk.trouble || !(isWaiting(run) || isUnfinished(run))) return;
    acts.resumeElsewhere(world, model, id, run, pick);
    const { runs, scheduler } = world.hub;
    expect(() => (pick > 2 ? runs.resume(id) : scheduler.requeue(id))).toThrow('is already running');
  },
  backUp: ({ reader, backup, disk }, model) => {
    if (disk.trouble) return;
    rmSync(backup, { force: true });
    reader.run('VACUUM INTO ?', backup);
    model.backup = structuredClone({ runs: model.runs, paused: model.paused });
  },
  /** Everything ends; the backup, or what the version before made of it, takes the database's place; a hub starts. */
  restore: async (world, model, _id, _run, pick) => {
    if (model.backup === null) return;
    world.disk.trouble = null;
    world.close();
    const path = join(world.home, 'tessera.db');
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    copyFileSync(world.backup, path);
    if (pick > 2) downgrade(world.home);
    const keepsWishes = hasWishes(path);
    Object.assign(model, structuredClone(model.backup));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    world.open();
    for (const run of model.runs.values()) if (isHosted(run)) loseHost(run, keepsWishes);
  },
  started: (world, _model, id, run) => {
    const trainer = isHosted(run) && run.unstored === null ? world.trainer(id, run) : undefined;
    if (!trainer || run.state === 'training' || run.state === 'finishing') return;
    trainer.begin();
    follow(run, 'started');
    if (world.disk.trouble === 'full') run.unstored = 'failed';
  },
  train: (world, _model, id, run, pick) => {
    const trains = run.state === 'training' || run.state === 'finishing';
    const trainer = trains && run.unstored === null ? world.trainer(id, run) : undefined;
    if (!trainer) return;
    trainer.train(1 + pick, true);
    if (world.disk.trouble === 'full') run.unstored = 'failed';
    else if (world.disk.trouble === 'busy') run.unrecorded = trainer.step;
    else run.recorded = trainer.step;
  },
  end: (world, _model, id, run, pick) => {
    const trainer = isHosted(run) && run.unstored === null ? world.trainer(id, run) : undefined;
    if (!trainer) return;
    if (run.state === 'stopping' && pick > 1) {
      trainer.end('cancelled');
      endRun(run, endingOf(run, 'cancelled'), world);
      return;
    }
    const kind = (['completed', 'failed', 'killed', 'crashed', 'out-of-memory'] as const)[pick];
    trainer.end(kind);
    endRun(run, kind === 'killed' ? 'crashed' : kind, world);
  },
  /** Its end meets another process that writes for so long that one try to store it fails. */
  endWhileBusy: (world, _model, id, run) => {
    const trainer = isHosted(run) && run.unstored === null ? world.trainer(id, run) : undefined;
    if (!trainer || world.disk.trouble) return;
    Object.assign(world.disk, { trouble: 'busy', refusals: 1 });
    trainer.end('completed');
    endRun(run, 'completed', { disk: { trouble: null } });
  },
  pauseQueue: ({ hub, disk }, model) => {
    if (!hub || disk.trouble) return;
    hub.scheduler[model.paused ? 'resume' : 'pause'](undefined);
    model.paused = !model.paused;
  },
  fillDisk: ({ disk }) => {
    disk.trouble ??= 'full';
  },
  lockDatabase: ({ disk }) => {
    disk.trouble ??= 'busy';
  },
  freeDisk: async (world, model) => {
    world.disk.trouble = null;
    for (const run of model.runs.values()) {
      if (run.host === 'other' || world.hub) run.recorded = run.unrecorded ?? run.recorded;
      run.unrecorded = null;
      if (run.unstored && (run.host === 'other' || world.hub)) endRun(run, run.unstored, world);
    }
    await vi.advanceTimersByTimeAsync(6_000);
  },
  killHub: (world, model, _id, _run, pick) => {
    for (const [id, run] of model.runs) {
      if (pick > 2 && isActive(run)) world.trainer(id, run)?.train(1, false);
    }
    world.hub?.connection.close();
    world.hub = null;
  },
  quit: async (world, model, _id, _run, pick) => {
    if (!world.hub) return;
    const closed = world.hub.scheduler.close();
    const kind = pick === 0 ? 'completed' : pick === 1 ? 'killed' : 'cancelled';
    const active = [...model.runs].filter(([, run]) => isActive(run));
    for (const [id, run] of active) world.trainer(id, run)?.end(kind);
    if (world.disk.trouble === 'busy') await acts.freeDisk(world, model, _id, _run, pick);
    for (const [, run] of active) {
      follow(run, 'stop');
      const ending = {
        completed: 'completed',
        killed: 'crashed',
        cancelled: endingOf(run, 'cancelled'),
      } as const;
      endRun(run, ending[kind], world);
    }
    if (world.disk.trouble) await closed.catch(() => {});
    else await closed;
    world.hub.connection.close();
    world.hub = null;
  },
  restart: async (world, model, ...rest) => {
    if (world.hub) return;
    await acts.freeDisk(world, model, ...rest);
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    world.hub = new Session(world.home, world.disk);
    for (const run of model.runs.values()) if (isHosted(run) && run.host === 'hub') loseHost(run);
    world.hub.scheduler.start();
  },
};
