/**
 * A world in which time, processes and machines are simulated. Whatever happens in it happens in turn, as its seed decides;
 * nothing in it runs by itself. Homes and folders are real files.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock, Machine, Timer } from '../../src/core/machine.ts';
import type { Liveness, ProcessIdentity } from '../../src/core/process-identity.ts';

/** Numbers that look random, the same ones for a seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whether something of this probability happens. */
  is(probability: number): boolean {
    return this.next() < probability;
  }

  between(least: number, most: number): number {
    return Math.floor(least + this.next() * (most - least + 1));
  }

  of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)];
  }
}

interface Happening {
  at: number;
  order: number;
  process: SimulatedProcess | null;
  work(): void;
  every: number | null;
  stopped: boolean;
}

/** The clock of the real world when a simulated one begins, in Unix milliseconds. */
const BEGUN = Date.parse('2026-03-01T12:00:00Z');
let lastPid = 1_000;

export class World {
  readonly chance: Chance;
  /** Milliseconds since it began. */
  time = 0;
  /** What has happened, a line each. */
  readonly story: string[] = [];
  readonly #happenings: Happening[] = [];
  #order = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  tell(line: string): void {
    this.story.push(`${(this.time / 1000).toFixed(1).padStart(7)} s  ${line}`);
  }

  /** Does something later, unless its process has ended then. */
  at(ms: number, process: SimulatedProcess | null, work: () => void, every: number | null = null): Timer {
    const happening = { at: this.time + ms, order: this.#order++, process, work, every, stopped: false };
    this.#happenings.push(happening);
    const timer: Timer = {
      stop: () => {
        happening.stopped = true;
      },
      unref: () => timer,
    };
    return timer;
  }

  /** Lets time pass; `each` is called whenever something has happened and all that follows from it at once. */
  async pass(ms: number, each: () => void): Promise<void> {
    const until = this.time + ms;
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.time = Math.max(this.time, next.at);
      next.work();
      await quiet();
      each();
    }
    this.time = until;
  }

  /** Takes the next happening out; null where there is none until then. */
  #next(until: number): Pick<Happening, 'at' | 'work'> | null {
    for (;;) {
      let first = -1;
      for (let at = 0; at < this.#happenings.length; at++) {
        const one = this.#happenings[at];
        const best = this.#happenings[first];
        if (!best || one.at < best.at || (one.at === best.at && one.order < best.order)) first = at;
      }
      const found = this.#happenings[first];
      if (!found || found.at > until) return null;
      this.#happenings.splice(first, 1);
      const { process } = found;
      if (found.stopped || process?.hasEnded) continue;
      const awake = process?.machine.asleepUntil ?? 0;
      if (awake > found.at) {
        this.#happenings.push(Object.assign(found, { at: awake }));
        continue;
      }
      const { at, every } = found;
      if (every !== null)
        this.#happenings.push(Object.assign(found, { at: at + every, order: this.#order++ }));
      return { at, work: found.work };
    }
  }
}

/** Until nothing goes on in the real world: promises, and files that are read and written. */
async function quiet(): Promise<void> {
  do await setImmediate();
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')));
}

export class SimulatedMachine {
  readonly world: World;
  readonly name: string;
  readonly processes = new Set<SimulatedProcess>();
  /** How far its clock is off, in milliseconds. */
  skew = 0;
  asleepUntil = 0;
  /** Nothing can be written. */
  isFull = false;
  #boots = 1;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  get scope(): string {
    return `${this.name}, boot ${this.#boots}`;
  }

  now(): number {
    return BEGUN + Math.round(this.world.time) + this.skew;
  }

  /** Every process of it ends. */
  reboot(): void {
    for (const process of this.processes) process.end(null);
    this.#boots++;
  }

  identityOf(pid: number): ProcessIdentity | null {
    const process = [...this.processes].find(({ identity }) => identity.pid === pid);
    return process?.identity ?? null;
  }

  livenessOf(identity: ProcessIdentity): Liveness {
    if (identity.pidScope !== this.scope) return 'unknown';
    return this.identityOf(identity.pid)?.startTime === identity.startTime ? 'alive' : 'dead';
  }

  kill(pid: number): void {
    for (const process of this.processes) if (process.identity.pid === pid) process.end(null);
  }
}

/** Only counts where the process itself cannot be looked at. */
const HEARTBEAT_MS = 60_000;

export class SimulatedProcess {
  readonly name: string;
  readonly machine: SimulatedMachine;
  readonly identity: ProcessIdentity;
  /** The folder that it works in, and the process that leads its group. */
  readonly folder: string | null;
  hasEnded = false;
  /** Called with its exit code; null for one that was killed. */
  readonly onEnd: ((code: number | null) => void)[] = [];

  constructor(machine: SimulatedMachine, name: string, folder: string | null = null) {
    this.machine = machine;
    this.name = name;
    this.folder = folder;
    this.identity = { pid: ++lastPid, pidScope: machine.scope, startTime: String(machine.world.time) };
    machine.processes.add(this);
  }

  end(code: number | null): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.machine.processes.delete(this);
    for (const heard of this.onEnd) heard(code);
  }

  /** What it waits for never comes once it has ended. */
  async waitsFor<T>(work: Promise<T>): Promise<T> {
    try {
      const value = await work;
      return this.hasEnded ? await new Promise<T>(() => {}) : value;
    } catch (error) {
      if (this.hasEnded) return new Promise<T>(() => {});
      throw error;
    }
  }

  /** Of it alone. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) reject(signal.reason);
    const timer = this.machine.world.at(ms, this, resolve);
    const stop = () => {
      timer.stop();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    return this.waitsFor(promise);
  }

  /** What it asks of its machine. */
  get asked(): Machine {
    const { machine, identity } = this;
    const { world } = machine;
    const clock: Clock = {
      now: () => machine.now(),
      elapsed: () => world.time,
      sleep: (ms, signal) => this.pause(ms, signal),
      after: (ms, work) => world.at(ms, this, work),
      every: (ms, work) => world.at(ms, this, work, ms),
    };
    const livenessOf = (other: ProcessIdentity) => machine.livenessOf(other);
    return {
      clock,
      self: identity,
      livenessOf,
      isAlive: (other, heartbeat) =>
        livenessOf(other) === 'unknown'
          ? machine.now() - heartbeat <= HEARTBEAT_MS
          : livenessOf(other) === 'alive',
      kill: (other) => {
        if (livenessOf(other) === 'alive') machine.kill(other.pid);
      },
    };
  }
}
