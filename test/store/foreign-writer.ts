import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownIdentity, type ProcessIdentity } from '../../src/core/process-identity.ts';
import { newRunId } from '../../src/core/store/runs/run-id.ts';
import { frame } from '../../src/core/training/journal-lines.ts';

/** A process that has ended: no system counts that far. */
export const ENDED: ProcessIdentity = { ...ownIdentity(), pid: 2 ** 22 + 1 };

/** A journal as another program writes it, line by line; `run` is what it says of its run, where it does. */
export class ForeignWriter {
  readonly id = newRunId();
  readonly path: string;

  constructor(home: string, run: object | null = {}, process: ProcessIdentity = ownIdentity()) {
    const folder = join(home, 'runs', this.id);
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, 'events-1-1.jsonl');
    this.write({ type: 'opened', version: 1, process });
    if (run) this.write({ type: 'run', program: 'PyTorch 2.6', ...run });
  }

  write(record: object): void {
    const json = Buffer.from(JSON.stringify({ time: Date.now(), ...record }));
    appendFileSync(this.path, frame(json));
  }

  log(metric: string, steps: readonly number[], values: readonly unknown[] = steps): void {
    const zeros = steps.map(() => 0);
    this.write({ type: 'series', points: [{ metric, steps, epochs: zeros, times: zeros, values }] });
  }
}
