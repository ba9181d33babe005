/** How times and memory are measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/core/store/open-store.ts';
import type { Store } from '../../src/core/store/store.ts';
import { median } from '../median.ts';

export interface Measure {
  what: string;
  value: number;
  unit: 'ms' | 's' | 'MiB';
  /** What it is to be at most. */
  most?: number;
}

export interface Subject {
  /** Fills an empty folder. */
  make(folder: string): void | Promise<void>;
  measure(folder: string): Promise<Measure[]>;
}

export const TURNS = 5;

/** CPU time of this process, milliseconds: what counts where others have the machine, too. */
export function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The median CPU time of some work after a first turn that counts in none, and what its last turn came to. */
export async function timed<T>(
  what: string,
  work: () => T | Promise<T>,
  { most, times = TURNS }: { most?: number; times?: number } = {},
): Promise<[Measure, T]> {
  if (times > 1) await work();
  const taken: number[] = [];
  for (;;) {
    const start = cpu();
    const result = await work();
    taken.push(cpu() - start);
    if (taken.length === times) return [{ what, value: Math.round(median(taken)), unit: 'ms', most }, result];
  }
}

/** The most memory of this process. */
export const peak = (): Measure => ({
  ...{ what: 'most memory of the process', unit: 'MiB' },
  value: Math.round(process.resourceUsage().maxRSS / 1024),
});

/** Works on the store of a home that it leaves as it is. */
export async function inStore<T>(home: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = openStore(home);
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');

/** A command to its end: its wall time, and the most memory of its process as Linux counts it. */
export async function command(...args: string[]): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  const process_ = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  let bytes = 0;
  const timer = setInterval(() => {
    try {
      const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${process_.pid}/status`, 'utf8')) ?? [];
      bytes = Math.max(bytes, 1024 * Number(kib));
    } catch {
      // It has ended.
    }
  }, 5);
  const [code] = await once(process_, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`tessera ${args.join(' ')} ended with ${code}`);
  return { ms: performance.now() - start, bytes };
}
