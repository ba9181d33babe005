/** Programs on ONNX Runtime: shared by the cpu, webgpu and cuda devices. */
import * as ort from 'onnxruntime-node';
import { requireRunMemory } from '../memory.ts';
import { TAKEN } from '../parts.ts';
import { graphNames, trace } from '../tracer.ts';
import type {
  DeviceContext,
  DeviceId,
  DType,
  Executable,
  HalfProducts,
  HostArray,
  HostArrays,
  Program,
  TensorSpec,
} from '../types.ts';
import { hostArray } from '../types.ts';
import { checkArray } from './check-array.ts';
import { tryHalves } from './half.ts';

/** ONNX Runtime writes what it throws to stderr as well; only the fatal stays there. */
const FATAL = 4;
ort.env.logLevel = 'fatal';

/** Most bytes of a buffer that a shader is bound to, unless a device was asked for more: WebGPU's `maxStorageBufferBindingSize`. */
const BINDING_BYTES = 2 ** 27;

interface StateEntry {
  spec: TensorSpec;
  current: ort.Tensor;
  /**
   * The other half of the double buffer, on the CPU only: an output never overwrites its input. Made by the first program that
   * writes the state, so that what is only read, as by scoring, is there once.
   */
  spare: ort.Tensor | null;
  /** The session whose buffer `current` is, on the GPU only: the buffer dies with it. */
  owner: OnnxExecutable | null;
}

export interface OnnxDeviceSettings {
  id: DeviceId;
  provider: 'cpu' | 'webgpu' | 'cuda';
  threads: number;
  /** State stays in device memory instead of preallocated host arrays. */
  stateOnDevice: boolean;
}

const elementType: Record<DType, ort.Tensor.Type> = { float32: 'float32', int32: 'int32', bool: 'bool' };

function toTensor(data: HostArray, spec: TensorSpec): ort.Tensor {
  return new ort.Tensor(elementType[spec.dtype], data, spec.shape) as ort.Tensor;
}

export class OnnxDeviceContext implements DeviceContext {
  readonly id: DeviceId;
  readonly #settings: OnnxDeviceSettings;
  readonly #state = new Map<string, StateEntry>();
  readonly #live = new Set<OnnxExecutable>();
  /** Released by their users, but still the owners of state. */
  readonly #retired = new Set<OnnxExecutable>();

  constructor(settings: OnnxDeviceSettings) {
    this.id = settings.id;
    this.#settings = settings;
  }

  async load(tensors: Record<string, { spec: TensorSpec; data: HostArray }>): Promise<void> {
    for (const [name, { spec, data }] of Object.entries(tensors)) {
      checkArray(`state "${name}"`, spec, data);
      this.#state.get(name)?.current.dispose();
      this.#state.set(name, { spec, current: toTensor(data.slice(), spec), spare: null, owner: null });
    }
    if (this.#settings.stateOnDevice) await this.#upload(tensors);
    await this.sweep();
  }

  /** Runs an identity graph once, so that every later step finds the state in device memory. */
  async #upload(tensors: Record<string, { spec: TensorSpec }>): Promise<void> {
    const specs = Object.fromEntries(Object.entries(tensors).map(([name, { spec }]) => [name, spec]));
    const identity = await this.compile({
      name: 'upload',
      state: specs,
      inputs: {},
      run: (state) => ({ state, outputs: {} }),
    });
    await identity.run({});
    await identity.release();
  }

  async read(names: readonly string[]): Promise<HostArrays> {
    if (this.#settings.stateOnDevice) return this.#download(names);
    const copies: HostArrays = {};
    for (const name of names) copies[name] = (this.entry(name).current.data as HostArray).slice();
    return copies;
  }

  /** Tensor.getData of a GPU buffer aborts the process in onnxruntime-node 1.30; an identity graph does not. */
  async #download(names: readonly string[]): Promise<HostArrays> {
    const specs = Object.fromEntries(names.map((name) => [name, this.entry(name).spec]));
    const identity = await this.compile({
      name: 'download',
      state: specs,
      inputs: {},
      run: (state) => ({ outputs: state }),
    });
    const arrays = await identity.run({});
    await identity.release();
    return arrays;
  }

  entry(name: string): StateEntry {
    const entry = this.#state.get(name);
    if (!entry) throw new Error(`the device holds no state named "${name}"`);
    return entry;
  }

  /** Where a program writes the state next; null where the device has buffers of its own. */
  spare(name: string): ort.Tensor | null {
    const entry = this.entry(name);
    if (!this.#settings.stateOnDevice) entry.spare ??= toTensor(hostArray(entry.spec), entry.spec);
    return entry.spare;
  }

  /** The CPU provider puts float32 kernels between float16 nodes and leaves out the rounding; on it the graph writes both. */
  async halfProducts(): Promise<HalfProducts> {
    if (this.#settings.provider === 'cpu') return { are: 'rounded' };
    return tryHalves((program) => this.#compile(program, { alone: true }));
  }

  compile(program: Program): Promise<Executable> {
    return this.#compile(program, { alone: false });
  }

  /** `alone`: fails where the CPU would compute part of it. */
  async #compile(program: Program, { alone }: { alone: boolean }): Promise<Executable> {
    const { provider, threads, stateOnDevice } = this.#settings;
    const { bytes, liveBytes, parts, writes, outputs } = trace(program, {
      dynamicSizes: provider === 'cpu',
      oneThread: provider === 'cpu' && threads === 1,
      // What WebGPU has no kernel for is copied to the CPU and computed there.
      fusedProducts: provider !== 'webgpu',
      ...(provider === 'webgpu' && { mostBytes: BINDING_BYTES }),
      ...(program.precision === 'float16' && { halves: provider === 'cpu' ? 'rounded' : 'computed' }),
    });
    if (provider === 'cpu') requireRunMemory(program, liveBytes);
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // It would plan one block of all that a run takes, beside what the first run has taken piece by piece.
      enableMemPattern: provider !== 'cpu',
      graphOptimizationLevel: 'all',
      extra: {
        // Idle threads sleep: spinning ones starve everything else on a busy machine.
        session: { intra_op: { allow_spinning: '0' }, ...(alone && { disable_cpu_ep_fallback: '1' }) },
        optimization: { disable_specified_optimizers: unwanted(parts) },
      },
      logSeverityLevel: FATAL,
      ...(stateOnDevice && {
        preferredOutputLocation: {
          ...Object.fromEntries(writes.map((name) => [graphNames.stateOut(name), 'gpu-buffer'])),
          ...Object.fromEntries(Object.keys(outputs).map((name) => [graphNames.output(name), 'cpu'])),
        } as Record<string, ort.Tensor.DataLocation>,
      }),
    });
    const executable = new OnnxExecutable(this, session, program, writes, Object.keys(outputs));
    this.#live.add(executable);
    return executable;
  }

  /** Closes the session, once none of the state lies in its buffers. */
  async retire(executable: OnnxExecutable): Promise<void> {
    if (!this.#live.delete(executable)) return;
    this.#retired.add(executable);
    await this.sweep();
  }

  /** Closes retired sessions whose buffers have all been replaced. */
  async sweep(): Promise<void> {
    if (this.#retired.size === 0) return;
    const owners = new Set([...this.#state.values()].map((entry) => entry.owner));
    for (const executable of this.#retired) {
      if (owners.has(executable)) continue;
      this.#retired.delete(executable);
      await executable.close();
    }
  }

  async dispose(): Promise<void> {
    for (const { current, spare } of this.#state.values()) {
      current.dispose();
      spare?.dispose();
    }
    this.#state.clear();
    for (const executable of [...this.#live, ...this.#retired]) await executable.close();
    this.#live.clear();
    this.#retired.clear();
  }
}

/** Names of rewritings that the runtime is to leave out, as its setting takes them. */
function unwanted(parts: boolean): string {
  // On WebGPU it joins a sum with the normalisation of it and forgets the deviation, which the gradient needs.
  const always = 'SkipLayerNormFusion';
  // It keeps the constants of every block of queries, padded to the length of its keys.
  return parts ? `${always};ConstantFolding` : always;
}

class OnnxExecutable implements Executable {
  readonly #context: OnnxDeviceContext;
  readonly #session: ort.InferenceSession;
  readonly #program: Program;
  readonly #writes: string[];
  readonly #outputs: string[];
  /** Inputs a program declares but whose gradient path dropped them are absent from the session. */
  readonly #known: ReadonlySet<string>;

  constructor(
    context: OnnxDeviceContext,
    session: ort.InferenceSession,
    program: Program,
    writes: string[],
    outputs: string[],
  ) {
    this.#context = context;
    this.#session = session;
    this.#program = program;
    this.#writes = writes;
    this.#outputs = outputs;
    this.#known = new Set(session.inputNames);
  }

  async run(inputs: HostArrays): Promise<HostArrays> {
    const feeds = this.#feeds(inputs);
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of this.#outputs) fetches[graphNames.output(name)] = null;
    for (const name of this.#writes) fetches[graphNames.stateOut(name)] = this.#context.spare(name);
    const results = await this.#session.run(feeds, fetches);
    this.#swap(results);
    await this.#context.sweep();
    return this.#collect(results);
  }

  #feeds(inputs: HostArrays): Record<string, ort.Tensor> {
    const feeds: Record<string, ort.Tensor> = {};
    if (this.#known.has(TAKEN)) feeds[TAKEN] = new ort.Tensor('bool', [true], []);
    for (const name of Object.keys(this.#program.state)) {
      const key = graphNames.stateIn(name);
      if (this.#known.has(key)) feeds[key] = this.#context.entry(name).current;
    }
    for (const [name, spec] of Object.entries(this.#program.inputs)) {
      const data = inputs[name];
      if (!data) throw new Error(`program "${this.#program.name}" got no input "${name}"`);
      checkArray(`input "${name}"`, spec, data);
      const key = graphNames.input(name);
      if (this.#known.has(key)) feeds[key] = toTensor(data, spec);
    }
    return feeds;
  }

  #swap(results: Record<string, ort.Tensor>): void {
    const { guard } = this.#program;
    const holds = guard && results[graphNames.output(guard.output)].data[0] !== 0;
    const held = new Set(holds ? guard.state : []);
    for (const name of this.#writes) {
      const entry = this.#context.entry(name);
      if (held.has(name)) {
        if (!entry.spare) results[graphNames.stateOut(name)].dispose();
        continue;
      }
      const old = entry.current;
      entry.current = results[graphNames.stateOut(name)];
      if (entry.spare) entry.spare = old;
      else {
        entry.owner = this;
        old.dispose();
      }
    }
  }

  #collect(results: Record<string, ort.Tensor>): HostArrays {
    const arrays: HostArrays = {};
    for (const name of this.#outputs) arrays[name] = results[graphNames.output(name)].data as HostArray;
    return arrays;
  }

  async release(): Promise<void> {
    await this.#context.retire(this);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
