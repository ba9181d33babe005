/** A trainer of a simulated world: it tells and keeps what real ones do, in steps of a second. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { RunResult, TrainerEvent, TrainSpec } from '../../src/core/training/events.ts';
import { JournalWriter, readToEnd } from '../../src/core/training/journal.ts';
import { GOES_ON } from '../../src/main/workers/serve-trainings.ts';
import { RESULT } from '../store/records.ts';
import type { SimulatedProcess } from './world.ts';

export const EPOCHS = 4;
const STEPS = 5;
/** What it is at, at every step, whoever trains it. */
export const lossAt = (step: number) => 1 / (1 + step);
/** What it comes to after so many epochs. */
export const scoreAfter = (epochs: number) => 0.1 + epochs / 100;

interface Heard {
  /** What it tells, with the journal's length behind it. */
  tell(events: TrainerEvent[], offset: number): void;
  /** It has ended by itself. */
  end(code: number): void;
}

export class SimulatedTrainer {
  readonly spec: TrainSpec & { journal: string };
  readonly process: SimulatedProcess;
  readonly #heard: Heard;
  /** Nobody of its machine hosts it: it may be started again, and is asked by a file. */
  readonly #isAlone: boolean;
  #journal: JournalWriter | null = null;
  #step = 0;
  readonly #stepMs: number;
  #stops = false;
  #finishes = false;
  #wasTold = false;
  /** Stopped by a signal, it does nothing. */
  isHeld = false;

  constructor(
    spec: TrainSpec & { journal: string },
    process: SimulatedProcess,
    heard: Heard,
    isAlone: boolean,
  ) {
    this.spec = spec;
    this.process = process;
    this.#heard = heard;
    this.#isAlone = isAlone;
    const { world } = process.machine;
    this.#stepMs = world.chance.of([1_000, 1_000, 3_000]);
    process.onEnd.push((code) => {
      // Killed in the middle of a line.
      const isCut = code === null && this.#journal && existsSync(spec.journal) && world.chance.is(0.3);
      if (isCut) appendFileSync(spec.journal, '400 0000');
      this.#journal?.close();
      this.#journal = null;
    });
    process.machine.world.at(1_000, process, () => this.#begin());
  }

  /** It has its journal; one that finds it given up never begins. */
  get hasBegun(): boolean {
    return this.#journal !== null;
  }

  get epochs(): number {
    return Math.floor(this.#step / STEPS);
  }

  /** By whoever hosts it, or by a signal of the system. */
  stop(bySystem = false): void {
    this.#stops = true;
    this.#wasTold = bySystem;
  }

  stopAfterEpoch(isWanted = true): void {
    this.#finishes = isWanted;
  }

  #begin(): void {
    const { spec, process } = this;
    const reached = this.#isAlone && existsSync(spec.journal) ? lastIn(spec.journal) : null;
    const from = reached ?? spec.resumeFrom;
    try {
      this.#journal = new JournalWriter(spec.journal, { again: this.#isAlone, machine: process.asked });
    } catch {
      this.#exit(1);
      return;
    }
    if (from) this.#step = JSON.parse(readFileSync(from.replace(/safetensors$/, 'json'), 'utf8')).step;
    const facts = { device: 'cpu', deviceReason: '', parameters: 0, environment: {}, fromStep: this.#step };
    this.#tell({ type: 'started', ...facts });
    process.machine.world.at(1_000, process, () => this.#train(), this.#stepMs);
  }

  #tell(...events: TrainerEvent[]): void {
    const now = this.process.machine.now();
    const timed = events.map((event) => ({ time: now, ...event }));
    const offset = this.#journal?.append(timed) ?? 0;
    this.#heard.tell(timed, offset);
  }

  #train(): void {
    if (this.isHeld) return;
    const request = this.#journal?.request();
    if (request === 'stop') this.#stops = true;
    if (request === 'stopAfterEpoch' || request === 'goOn') this.#finishes = request === 'stopAfterEpoch';
    if (this.process.machine.isFull) this.#exit(1);
    else if (this.#stops) this.#stop(request === 'stop');
    else this.#trainStep();
  }

  #stop(isAsked: boolean): void {
    const goesOn = this.#isAlone && this.#wasTold && !isAsked;
    this.#keep();
    if (!goesOn) this.#tell({ type: 'result', result: { ...this.#result(0), status: 'cancelled' } });
    this.#exit(goesOn ? GOES_ON : 0);
  }

  #trainStep(): void {
    this.#step++;
    const one = [this.#step];
    const columns = { steps: one, epochs: one, times: one, values: [lossAt(this.#step)] };
    this.#tell({ type: 'series', points: [{ metric: 'train/loss', ...columns }] });
    if (this.#step % STEPS > 0) return;
    this.#keep();
    const epochs = this.#step / STEPS;
    if (epochs < EPOCHS && !this.#finishes) return;
    this.#tell({ type: 'result', result: this.#result(epochs) });
    this.#exit(0);
  }

  #result(epochs: number): RunResult {
    return { ...RESULT, epochs, metrics: { 'test/ndcg@10': scoreAfter(epochs) } };
  }

  #keep(): void {
    const folder = join(this.spec.runDir, 'checkpoints');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `last-${this.#step}.safetensors`);
    if (existsSync(path)) return;
    writeFileSync(path, `parameters after ${this.#step}`);
    const state = path.replace(/safetensors$/, 'json');
    writeFileSync(`${state}.part`, JSON.stringify({ step: this.#step }));
    renameSync(`${state}.part`, state);
    const checkpoint = {
      path,
      epoch: Math.ceil(this.#step / STEPS),
      step: this.#step,
      kind: 'last' as const,
    };
    this.#tell({ type: 'checkpoint', checkpoint });
    for (const name of readdirSync(folder))
      if (Number(/^last-(\d+)\./.exec(name)?.[1] ?? this.#step) < this.#step - STEPS)
        rmSync(join(folder, name));
  }

  #exit(code: number): void {
    this.process.end(code);
    this.#heard.end(code);
  }
}

function lastIn(journal: string): string | null {
  const events = [...readToEnd(journal, 0)].flatMap((part) => part.events);
  const paths = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint.path] : []));
  return paths.findLast((path) => existsSync(path)) ?? null;
}
