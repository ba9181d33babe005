/** Programs run op by op on a real TensorFlow.js backend: the tfjs-gpu device, and its stand-in in tests. */
import * as tf from '../tf.ts';
import type {
  DeviceContext,
  DeviceId,
  Executable,
  HalfProducts,
  HostArray,
  HostArrays,
  Program,
  TensorSpec,
  Tensors,
} from '../types.ts';
import { checkArray } from './check-array.ts';

function toTensor(data: HostArray, spec: TensorSpec): tf.Tensor {
  return tf.tensor(data, [...spec.shape], spec.dtype);
}

export class EagerDeviceContext implements DeviceContext {
  readonly id: DeviceId;
  readonly #backend: string;
  readonly #state = new Map<string, tf.Tensor>();

  constructor(id: DeviceId, backend: string) {
    this.id = id;
    this.#backend = backend;
  }

  /** tfjs holds one global backend; others may have switched it since the last call. */
  async #activate(): Promise<void> {
    if (tf.getBackend() !== this.#backend) await tf.setBackend(this.#backend);
  }

  async load(tensors: Record<string, { spec: TensorSpec; data: HostArray }>): Promise<void> {
    await this.#activate();
    for (const [name, { spec, data }] of Object.entries(tensors)) {
      checkArray(`state "${name}"`, spec, data);
      this.#state.get(name)?.dispose();
      this.#state.set(name, toTensor(data.slice(), spec));
    }
  }

  async read(names: readonly string[]): Promise<HostArrays> {
    await this.#activate();
    const arrays: HostArrays = {};
    for (const name of names) arrays[name] = (await this.#entry(name).data()).slice() as HostArray;
    return arrays;
  }

  #entry(name: string): tf.Tensor {
    const tensor = this.#state.get(name);
    if (!tensor) throw new Error(`the device holds no state named "${name}"`);
    return tensor;
  }

  async halfProducts(): Promise<HalfProducts> {
    return { are: 'missing', problem: 'TensorFlow.js computes none' };
  }

  async compile(program: Program): Promise<Executable> {
    return { run: (inputs) => this.#run(program, inputs), release: async () => {} };
  }

  async #run(program: Program, inputs: HostArrays): Promise<HostArrays> {
    await this.#activate();
    const state: Tensors = {};
    for (const name of Object.keys(program.state)) state[name] = this.#entry(name);
    const result = tf.tidy(() => {
      const allInputs: Tensors = {};
      for (const [name, spec] of Object.entries(program.inputs)) {
        const data = inputs[name];
        if (!data) throw new Error(`program "${program.name}" got no input "${name}"`);
        checkArray(`input "${name}"`, spec, data);
        allInputs[name] = toTensor(data, spec);
      }
      const { state: next = {}, outputs } = program.run(state, allInputs);
      // Clones, so that returning an input as it is never disposes what the state still holds.
      const cloned = (tensors: Tensors) =>
        Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, tf.clone(t)]));
      return { next: cloned(next), outputs: cloned(outputs) };
    });
    const { guard } = program;
    const held = guard && (await result.outputs[guard.output].data())[0] !== 0 ? guard.state : [];
    for (const [name, tensor] of Object.entries(result.next)) {
      if (held.includes(name)) {
        tensor.dispose();
        continue;
      }
      this.#state.get(name)?.dispose();
      this.#state.set(name, tensor);
    }
    const arrays: HostArrays = {};
    for (const [name, tensor] of Object.entries(result.outputs)) {
      arrays[name] = (await tensor.data()).slice() as HostArray;
      tensor.dispose();
    }
    return arrays;
  }

  async dispose(): Promise<void> {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
  }
}
