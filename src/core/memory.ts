/** How much memory a process may take: of the machine, of its container, and of Electron. */
import { totalmem } from 'node:os';
import { UserError } from './errors.ts';

/** Left to everything else when free memory is measured. */
const RESERVE_BYTES = 2 ** 29;
/** V8's memory cage gives a process of Electron 16 GiB for array buffers, each below 2 GiB. */
const CAGE_BYTES = 16 * 2 ** 30;
const CAGE_BUFFER_BYTES = 2 ** 31 - 1;

/** What a process finds, in bytes. */
export interface MemoryLimits {
  /** Free by the system's word. */
  available: number;
  /** Limit of the container; 0 where there is none. */
  constrained: number;
  /** Taken by this process: all of it, and in array buffers. */
  rss: number;
  arrayBuffers: number;
  electron: boolean;
}

/** Of this process, now. */
export function memoryLimits(): MemoryLimits {
  const { rss, arrayBuffers } = process.memoryUsage();
  return {
    available: process.availableMemory(),
    constrained: process.constrainedMemory(),
    rss,
    arrayBuffers,
    electron: 'electron' in process.versions,
  };
}

/** Bytes that may still be taken. */
export function freeMemory(limits = memoryLimits()): number {
  const { available, constrained, rss, arrayBuffers, electron } = limits;
  const ofContainer = constrained > 0 ? constrained - rss : Number.POSITIVE_INFINITY;
  const ofElectron = electron ? CAGE_BYTES - arrayBuffers : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(available, ofContainer, ofElectron) - RESERVE_BYTES);
}

/** Bytes of the machine, or of the container that it runs in. */
export function totalMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

export interface MemoryNeed {
  /** Says who takes how much: "the model takes 3.0 GiB of memory to train". */
  claim: string;
  bytes: number;
  /** Bytes of its largest array. Default: none is large. */
  largest?: number;
  /** Says how to need less. */
  advice: string;
}

/** Throws UserError where the need exceeds what is free, or Electron's largest array. */
export function requireMemory(
  { claim, bytes, largest = 0, advice }: MemoryNeed,
  limits = memoryLimits(),
): void {
  const free = freeMemory(limits);
  if (bytes > free) throw new UserError(`${claim}, and ${gib(free)} are free; ${advice}`);
  if (!limits.electron || largest <= CAGE_BUFFER_BYTES) return;
  throw new UserError(
    `${claim}, ${gib(largest)} of it in one array, and the desktop program allows 2.0 GiB; ${advice}, or train on the command line`,
  );
}
