import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArray } from '../engine/index.ts';
import { type NamedTensor, readSafetensors, type StoredTensor } from '../files/safetensors.ts';
import { removeCheckpoint, type TrainerState, writeCheckpoint } from './checkpoints.ts';
import type { TrainerEvent } from './events.ts';

/**
 * The checkpoints of one run: the last ones to resume from, and the best one to test. A last checkpoint
 * never names a best one that is not there. The one before the last stays until the next is written: a
 * parent that dies between the file and its record still finds one that it has recorded.
 */
export class CheckpointKeeper {
  readonly #directory: string;
  readonly #emit: (event: TrainerEvent) => void;
  /** Files of the last checkpoint, which the next one keeps. */
  #previous: string[] = [];

  constructor(runDir: string, emit: (event: TrainerEvent) => void) {
    this.#directory = join(runDir, 'checkpoints');
    this.#emit = emit;
    mkdirSync(this.#directory, { recursive: true });
  }

  bestPath(epoch: number): string {
    return join(this.#directory, `best-${epoch}.safetensors`);
  }

  /** Tensors named by `targets` are read into the arrays given for them. */
  readBest(epoch: number, targets?: Record<string, readonly HostArray[]>): Record<string, NamedTensor> {
    return readSafetensors(this.bestPath(epoch), targets);
  }

  /** Call before saveLast with the same state. */
  saveBest(parameters: Record<string, StoredTensor>, state: TrainerState): void {
    this.#write(this.bestPath(state.epoch), parameters, state, 'best');
  }

  /** What a resumed run continues from; its next checkpoint keeps it. */
  resumeFrom(path: string, state: TrainerState): void {
    this.#previous = [path, this.bestPath(state.bestEpoch)];
  }

  /**
   * Everything to go on from here; checkpoints older than the previous one are removed. Returns the file: the next one may
   * be saved once it is recorded, or a parent that lags behind would find none that it knows.
   */
  saveLast(tensors: Record<string, StoredTensor>, state: TrainerState): string {
    const path = join(this.#directory, `last-${state.step}.safetensors`);
    this.#write(path, tensors, state, 'last');
    const current = [path, this.bestPath(state.bestEpoch)];
    const kept = new Set([...current, ...this.#previous]);
    this.#previous = current;
    for (const name of readdirSync(this.#directory)) {
      const other = join(this.#directory, name);
      if (/^(last|best)-\d+\.safetensors$/.test(name) && !kept.has(other)) removeCheckpoint(other);
    }
    return path;
  }

  #write(
    path: string,
    tensors: Record<string, StoredTensor>,
    state: TrainerState,
    kind: 'last' | 'best',
  ): void {
    writeCheckpoint(path, tensors, state);
    this.#emit({ type: 'checkpoint', checkpoint: { path, epoch: state.epoch, step: state.step, kind } });
  }
}
