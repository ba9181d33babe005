import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Store } from '../../../core/store/store.ts';

/** A checkpoint to continue from. */
export interface ResumePoint {
  /** The safetensors file. */
  path: string;
  /** Optimiser steps done; the series is kept up to this step. */
  step: number;
  /** Whether the store holds every point of the series up to that step. */
  recorded: boolean;
}

const stateSchema = z.object({ step: z.int().min(0) });

/**
 * Where an unfinished run can resume: the newest complete checkpoint of kind "last" in the store, up to which
 * the series is complete; else, if the files of those in the store are gone, the newest one in the run's folder; else
 * null, the start. A checkpoint is complete if both of its files exist and agree.
 *
 * The first checkpoint of a run, if a killed process had no time to record it, is not used: to train the few minutes before
 * it again costs less than a curve without its beginning.
 */
export function resumePoint(store: Store, run: string): ResumePoint | null {
  const known = store.checkpoints.recorded(run).filter(({ kind }) => kind === 'last');
  const complete = known.find(({ path, step }) => stepOf(path) === step);
  if (complete) return { path: complete.path, step: complete.step, recorded: true };
  return known.length === 0 ? null : newestIn(store.runs.folder(run));
}

function newestIn(folder: string): ResumePoint | null {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return names
    .filter((name) => /^last\b.*\.safetensors$/.test(basename(name)))
    .map((name) => ({ path: join(folder, name), step: stepOf(join(folder, name)) ?? -1, recorded: false }))
    .filter(({ step }) => step >= 0)
    .reduce<ResumePoint | null>((best, point) => (best && best.step >= point.step ? best : point), null);
}

/** The step in the trainer's state beside a checkpoint, or null if either file is missing or unreadable. */
function stepOf(path: string): number | null {
  try {
    if (!existsSync(path)) return null;
    const state: unknown = JSON.parse(readFileSync(path.replace(/\.safetensors$/, '.json'), 'utf8'));
    return stateSchema.safeParse(state).data?.step ?? null;
  } catch {
    return null;
  }
}
