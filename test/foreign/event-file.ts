/** Writes event files of TensorBoard, without it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { eventRecord, scalarEvent } from '../../src/core/foreign/trackers/write-events.ts';

export interface Scalar {
  tag: string;
  step: number;
  value: number;
}

/** A file of at least so many bytes with a loss and a metric a step. Returns how many steps. */
export function writeLargeFile(path: string, bytes: number): number {
  const file = openSync(path, 'w');
  let [step, written] = [0, 0];
  while (written < bytes) {
    const records: Uint8Array[] = [];
    for (let count = 0; count < 10_000; count++, step++)
      records.push(
        eventRecord(
          scalarEvent(1.7e9 + step, step, [
            { tag: 'loss', value: 1 / (step + 1) },
            { tag: 'val/ndcg@10', value: step / 1e9 },
          ]),
        ),
      );
    written += writeSync(file, Buffer.concat(records));
  }
  closeSync(file);
  return step;
}
