/** The folder of a run on a host: what lies there says what has become of it. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalRequest } from '../../../core/training/journal.ts';
import { JOURNAL } from './questions.ts';
import type { AgentSystem } from './system.ts';

/** A run that is not to be started any more has this file. */
export const CLOSED = 'closed';

/** Null where there is no such file; a disk that does not say so is none without it. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isThere(file)) throw error;
    return null;
  }
}

/** What the agent has written there. A power cut may leave it empty, or damaged: it is then none. */
export function jsonIn<T>(file: string): T | null {
  const text = textOf(file);
  try {
    return text ? (JSON.parse(text) as T) : null;
  } catch {
    return null;
  }
}

/** Throws where the disk cannot tell: what is not seen is not gone. */
export function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Written once: a request that stands is not made newer. */
export function askTrainer(system: AgentSystem, folder: string, request: JournalRequest): void {
  const file = join(folder, `${JOURNAL}.request`);
  if (textOf(file) !== request) system.write(file, request);
}

/** Of a trainer that has ended, or null. */
export function exitCodeIn(folder: string): number | null {
  const text = textOf(join(folder, 'exit-code'))?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** At most so many bytes from there; fewer where it ends. */
export function bytesAt(file: string, offset: number, most: number): Buffer {
  if (!isThere(file)) return Buffer.alloc(0);
  const opened = openSync(file, 'r');
  try {
    // Of what is open: only then does a file system of a network ask anew how long it is.
    const bytes = Buffer.alloc(Math.max(0, Math.min(most, fstatSync(opened).size - offset)));
    return bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(opened);
  }
}

/** The end of a text file; empty where there is none. */
export function tailOf(file: string, bytes: number): string {
  return bytesAt(file, Math.max(0, sizeOf(file) - bytes), bytes).toString('utf8');
}
