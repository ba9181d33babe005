/** A device that computes nothing: it finds out what the steps of a training would take of this machine's memory. */
import { UserError } from '../../errors.ts';
import { freeMemory, type MemoryLimits, memoryLimits } from '../../memory.ts';
import { requireRunMemory, runBytes, type StepMemory } from '../memory.ts';
import { trace } from '../tracer.ts';
import type {
  DeviceContext,
  Executable,
  HalfProducts,
  HostArrays,
  Program,
  Specs,
  TensorSpec,
} from '../types.ts';
import { countParameters, hostArray } from '../types.ts';

/** Ends a training whose steps have been weighed. */
export class Weighed extends Error {}

/** A rare length of rows may not be among the first steps. */
const MOST_RUNS = 100;
const MOST_MS = 2_000;
const VALUE_BYTES = 4;

export class WeighingDevice implements DeviceContext {
  readonly id = 'cpu';
  /** Null while no step was to run. */
  heaviest: StepMemory | null = null;
  readonly #threads: number;
  readonly #state: Record<string, TensorSpec> = {};
  #runs = 0;
  #begun = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  async load(tensors: Record<string, { spec: TensorSpec }>): Promise<void> {
    for (const [name, { spec }] of Object.entries(tensors)) this.#state[name] = spec;
  }

  async read(names: readonly string[]): Promise<HostArrays> {
    return zeros(Object.fromEntries(names.map((name) => [name, this.#state[name]])));
  }

  async halfProducts(): Promise<HalfProducts> {
    return { are: 'rounded' };
  }

  /** @throws Weighed once nothing heavier is to come */
  async compile(program: Program): Promise<Executable> {
    const isStep = program.memory?.of === 'a training step';
    // After the first steps a training ranks.
    if (!isStep && this.heaviest !== null && program.name !== 'update') throw new Weighed();
    const { liveBytes, outputs } = trace(program, {
      dynamicSizes: true,
      oneThread: this.#threads === 1,
      ...(program.precision === 'float16' && { halves: 'rounded' }),
    });
    if (isStep) this.#weigh(program, liveBytes);
    return {
      run: async () => {
        this.#begun ||= performance.now();
        if (++this.#runs > MOST_RUNS || performance.now() - this.#begun > MOST_MS) throw new Weighed();
        return zeros(outputs);
      },
      release: async () => {},
    };
  }

  #weigh(program: Program, liveBytes: number): void {
    const bytes = runBytes(liveBytes);
    if (this.heaviest !== null && bytes <= this.heaviest.bytes) return;
    const limits = this.#limits();
    this.heaviest = { bytes, free: freeMemory(limits), problem: null };
    try {
      requireRunMemory(program, liveBytes, limits);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.heaviest.problem = error.message;
      throw new Weighed();
    }
  }

  /** As a trainer finds it: with the state of the training there, twice. */
  #limits(): MemoryLimits {
    const limits = memoryLimits();
    const state = 2 * VALUE_BYTES * countParameters({ parameters: this.#state });
    return { ...limits, available: limits.available - state, rss: limits.rss + state };
  }

  async dispose(): Promise<void> {}
}

function zeros(specs: Specs): HostArrays {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, hostArray(spec)]));
}
