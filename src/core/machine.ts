/** What a process asks of the machine that it runs on: handed in, so that a test may be another machine. */
import { isAlive, type Liveness, livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts';

export interface Timer {
  stop(): void;
  /** Keeps no process alive by itself. */
  unref(): Timer;
}

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds since some moment, whatever the clock is set to. */
  elapsed(): number;
  /** Rejects with the signal's reason where that fires first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  after(ms: number, work: () => void): Timer;
  every(ms: number, work: () => void): Timer;
}

export interface Machine {
  readonly clock: Clock;
  /** The calling process. */
  readonly self: ProcessIdentity;
  /** Whether that very process still runs; "unknown" where this process cannot tell. */
  livenessOf(identity: ProcessIdentity): Liveness;
  /** Whether it runs, by its last sign of life (Unix milliseconds) where nothing else tells. */
  isAlive(identity: ProcessIdentity, heartbeat: number): boolean;
  /** Ends it at once, if it is still the one with its number. */
  kill(identity: ProcessIdentity): void;
}

const timer = (handle: NodeJS.Timeout): Timer => ({
  stop: () => clearTimeout(handle),
  unref: () => timer(handle.unref()),
});

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(handle);
        reject(signal?.reason);
      };
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
  after: (ms, work) => timer(setTimeout(work, ms)),
  every: (ms, work) => timer(setInterval(work, ms)),
};

export const thisMachine: Machine = {
  clock: systemClock,
  get self() {
    return ownIdentity();
  },
  livenessOf,
  isAlive,
  kill: (identity) => {
    if (livenessOf(identity) === 'alive') process.kill(identity.pid, 'SIGKILL');
  },
};
