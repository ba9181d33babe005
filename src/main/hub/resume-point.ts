import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Store } from '../../core/store/store.ts';

/** A checkpoint to continue from. */
export interface ResumePoint {
  /** The safetensors file. */
  path: string;
  /** Optimiser steps it stands for; the series is kept up to it. */
  step: number;
  /** Whether the store holds every point of the series up to it. */
  recorded: boolean;
}

const stateSchema = z.object({ step: z.int().min(0) });

/**
 * Where an unfinished run can go on: the newest complete checkpoint of kind "last" that the store knows,
 * for up to it the series is whole; else the newest in the run's folder, which a killed process had no
 * time to record; else null, the start. Complete is a checkpoint whose two files are there and agree.
 */
export function resumePoint(store: Store, run: string): ResumePoint | null {
  const known = store.checkpoints.list(run).filter(({ kind }) => kind === 'last');
  const whole = known.find(({ path, step }) => stepOf(path) === step);
  if (whole) return { path: whole.path, step: whole.step, recorded: true };
  return newestIn(store.runs.folder(run));
}

function newestIn(folder: string): ResumePoint | null {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return names
    .filter((name) => /^last\b.*\.safetensors$/.test(basename(name)))
    .map((name) => ({ path: join(folder, name), step: stepOf(join(folder, name)) ?? -1, recorded: false }))
    .filter(({ step }) => step >= 0)
    .reduce<ResumePoint | null>((best, point) => (best && best.step >= point.step ? best : point), null);
}

/** The step in the trainer's state beside a checkpoint, or null where either file is missing or unreadable. */
function stepOf(path: string): number | null {
  try {
    if (!existsSync(path)) return null;
    const state: unknown = JSON.parse(readFileSync(path.replace(/\.safetensors$/, '.json'), 'utf8'));
    return stateSchema.safeParse(state).data?.step ?? null;
  } catch {
    return null;
  }
}
