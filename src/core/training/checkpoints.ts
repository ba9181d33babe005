/** Checkpoints: tensors as safetensors, the trainer's state as JSON beside it, both whole or not there. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { HostArray } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { noRoomError, writeDurably } from '../files/durable.ts';
import { parseJson } from '../files/json.ts';
import {
  type NamedTensor,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../files/safetensors.ts';
import { drawsFields } from './draws.ts';
import { lossScaleSchema } from './loss-scale.ts';

/** JSON has null for what is no number, or an infinite one. */
const numberOrNone = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const trainerStateSchema = z.object({
  /** Epochs done. */
  epoch: z.number().int().nonnegative(),
  /** Optimiser steps done. */
  step: z.number().int().nonnegative(),
  bestValue: z.number().nullable(),
  bestEpoch: z.number().int().nonnegative(),
  /** Validations since the best one. */
  stale: z.number().int().nonnegative(),
  /** Seconds of training before this point. */
  seconds: z.number().nonnegative(),
  ...drawsFields,
  /** Of a training with float16 products. */
  lossScale: lossScaleSchema.optional(),
  /** Of a training with limits: what they watch, in the present epoch, and which one its last epoch is past. */
  watched: z.record(z.string(), z.object({ sum: numberOrNone, steps: z.number() })).optional(),
  pastLimit: z.string().nullable().optional(),
});

type StoredState = z.output<typeof trainerStateSchema>;

/** What a trainer needs besides tensors to go on as if it had never stopped. */
export type TrainerState = Omit<StoredState, 'stale'> & { validationsSinceBest: number };

const stateFile = (path: string) => path.replace(/\.safetensors$/, '.json');

/** The JSON goes first: a checkpoint exists when its safetensors file does. */
export function writeCheckpoint(
  path: string,
  tensors: Record<string, StoredTensor>,
  state: TrainerState,
): void {
  const { validationsSinceBest: stale, ...others } = state;
  const stored: StoredState = { ...others, stale };
  try {
    writeDurably(stateFile(path), [Buffer.from(`${JSON.stringify(stored, null, 2)}\n`)]);
    writeSafetensors(path, tensors);
  } catch (error) {
    // One of the same step may be there already, and is as good with the newer state.
    if (!existsSync(path)) rmSync(stateFile(path), { force: true });
    const kept = 'no checkpoint could be written, earlier ones are kept';
    const advice = { kept, fix: 'free some space and resume the run', again: 'resume the run' };
    throw noRoomError(error, dirname(path), advice) ?? error;
  }
}

/** Tensors named by `targets` are read into the arrays given for them, as `readSafetensors` does. */
export function readCheckpoint(
  path: string,
  targets?: Record<string, readonly HostArray[]>,
): { tensors: Record<string, NamedTensor>; state: TrainerState } {
  const state = trainerStateSchema.safeParse(parseJson(readFileSync(stateFile(path), 'utf8')));
  if (!state.success)
    throw new UserError(`${stateFile(path)}: not a trainer's state; use another checkpoint`);
  const { stale: validationsSinceBest, ...others } = state.data;
  return { tensors: readSafetensors(path, targets), state: { ...others, validationsSinceBest } };
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
  rmSync(stateFile(path), { force: true });
}
