/** The predictions of a run's test rows in its folder, `predictions/test.safetensors`: what metrics are counted from later. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../files/safetensors.ts';
import type { ClickPredictions } from './predictions.ts';

const fileOf = (runDir: string, split: ClickPredictions['split']) =>
  join(runDir, 'predictions', `${split}.safetensors`);

/** Tensors of one number a row, as they are called in the file. */
const COLUMNS = ['rows', 'users', 'items', 'itemCounts', 'userCounts'] as const;

export function writePredictions(runDir: string, predictions: ClickPredictions): void {
  const { split, tasks, rows, labels, logits } = predictions;
  mkdirSync(join(runDir, 'predictions'), { recursive: true });
  const shape = [tasks.length, rows.length];
  const truth = new Uint8Array(tasks.length * rows.length);
  const scores = new Float32Array(truth.length);
  tasks.forEach((_, task) => {
    truth.set(labels[task], task * rows.length);
    scores.set(logits[task], task * rows.length);
  });
  const tensors: Record<string, NamedTensor> = {
    labels: { spec: { shape, dtype: 'bool' }, data: truth },
    logits: { spec: { shape, dtype: 'float32' }, data: scores },
  };
  for (const name of COLUMNS) {
    tensors[name] = { spec: { shape: [rows.length], dtype: 'int32' }, data: predictions[name] };
  }
  writeSafetensors(fileOf(runDir, split), tensors);
}

/**
 * The predictions of a split, or null where the run keeps none. `tasks` are those of the run's protocol.
 * @throws UserError where the file is damaged
 */
export function readPredictions(
  runDir: string,
  split: ClickPredictions['split'],
  tasks: readonly string[],
): ClickPredictions | null {
  const path = fileOf(runDir, split);
  if (!existsSync(path)) return null;
  const tensors = readSafetensors(path);
  const count = tensors.rows?.data.length ?? -1;
  const whole =
    COLUMNS.every(
      (name) => tensors[name]?.data instanceof Int32Array && tensors[name].data.length === count,
    ) &&
    tensors.labels?.data instanceof Uint8Array &&
    tensors.logits?.data instanceof Float32Array &&
    [tensors.labels, tensors.logits].every(({ data }) => data.length === count * tasks.length);
  if (!whole) throw new UserError(`${path}: not the predictions of these labels; train the run again`);
  const column = (name: (typeof COLUMNS)[number]) => tensors[name].data as Int32Array;
  const part = <T extends Uint8Array | Float32Array>(data: T) =>
    tasks.map((_, task) => data.subarray(task * count, (task + 1) * count) as T);
  return {
    split,
    tasks,
    labels: part(tensors.labels.data as Uint8Array),
    logits: part(tensors.logits.data as Float32Array),
    rows: column('rows'),
    users: column('users'),
    items: column('items'),
    itemCounts: column('itemCounts'),
    userCounts: column('userCounts'),
  };
}
