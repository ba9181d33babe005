/** Whether a folder that no row knows is still trained in, on this machine. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../machine.ts';
import type { Liveness, ProcessIdentity } from '../../process-identity.ts';
import { isWriterAlive, writerOf } from '../../training/journal.ts';
import { JOURNAL_NAME } from './run-file.ts';

/** By the newest journal whose process has not surely ended. */
export interface StrayTrainer {
  journal: string;
  process: ProcessIdentity;
  liveness: Exclude<Liveness, 'dead'>;
}

/** Null where none goes on. */
export function trainerIn(folder: string, machine: Machine): StrayTrainer | null {
  const number = (name: string) => Number(JOURNAL_NAME.exec(name)?.[1]);
  for (const name of journalsIn(folder).sort((a, b) => number(b) - number(a))) {
    const journal = join(folder, name);
    const process = isWriterAlive(journal, machine) ? writerOf(journal) : null;
    const liveness = process === null ? 'dead' : machine.livenessOf(process);
    if (process !== null && liveness !== 'dead') return { journal, process, liveness };
  }
  return null;
}

/** None where it cannot be listed, or is gone. */
export function journalsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => JOURNAL_NAME.test(name));
  } catch {
    return [];
  }
}
