import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArray } from '../engine/index.ts';
import { type NamedTensor, readSafetensors, type StoredTensor } from '../files/safetensors.ts';
import { removeCheckpoint, type TrainerState, writeCheckpoint } from './checkpoints.ts';
import type { TrainerEvent } from './events.ts';

const STOPPED = /\blast-\d+\.stopped\.safetensors$/;

/**
 * The checkpoints of one run: the last ones to resume from, and the best one to test. A last checkpoint
 * never names a best one that is not there. The one before the last stays until the next is written and
 * emitted: whoever kept what was emitted finds one that it knows.
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

  /** What a resumed run continues from; its next checkpoint keeps it or, where it is one of `saveStopped`, the one before. */
  resumeFrom(path: string, state: TrainerState): void {
    const last = STOPPED.test(path) ? this.#newestLast() : path;
    this.#previous = [...(last === null ? [] : [last]), this.bestPath(state.bestEpoch)];
  }

  #newestLast(): string | null {
    const steps = readdirSync(this.#directory).map((name) =>
      Number(/^last-(\d+)\.safetensors$/.exec(name)?.[1] ?? -1),
    );
    const newest = Math.max(-1, ...steps);
    return newest < 0 ? null : this.#lastPath(newest);
  }

  #lastPath(step: number): string {
    return join(this.#directory, `last-${step}.safetensors`);
  }

  /** Everything to go on from here; checkpoints older than the previous one are removed. */
  saveLast(tensors: Record<string, StoredTensor>, state: TrainerState): void {
    const path = this.#lastPath(state.step);
    this.#write(path, tensors, state, 'last');
    const current = [path, this.bestPath(state.bestEpoch)];
    const kept = new Set([...current, ...this.#previous]);
    this.#previous = current;
    for (const name of readdirSync(this.#directory)) {
      const other = join(this.#directory, name);
      if (/^(last|best)-\d+\.safetensors$/.test(name) && !kept.has(other)) removeCheckpoint(other);
    }
  }

  /** Everything to go on from a step within an epoch, for as long as the run is stopped; nothing is removed. */
  saveStopped(tensors: Record<string, StoredTensor>, state: TrainerState): void {
    const path = this.#lastPath(state.step).replace(/\.safetensors$/, '.stopped.safetensors');
    this.#write(path, tensors, state, 'last');
  }

  /** Removes what `saveStopped` wrote: a later checkpoint is recorded. */
  removeStopped(): void {
    for (const name of readdirSync(this.#directory)) {
      if (STOPPED.test(name)) removeCheckpoint(join(this.#directory, name));
    }
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
