/** Log-probabilities of given IDs by the present policy, and by the one that training started from. */
import {
  type DeviceContext,
  type HostArrays,
  type Program,
  ProgramCache,
  type Specs,
  type Tensors,
} from '../../../engine/index.ts';
import { namedTensors, type StoredTensor } from '../../../files/safetensors.ts';
import { stateOf, withConstants } from '../../../training/constants.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { RewardedModel } from './rewarded-model.ts';

const START = 'start/';

export interface HostScores {
  /** [IDs, levels] each. */
  logProbabilities: Float32Array;
  entropies: Float32Array;
}

/** The start's parameters stay beside the present ones on the device, and in every checkpoint that training goes on from. */
export class PolicyScorer {
  readonly #model: RewardedModel;
  readonly #device: DeviceContext;
  readonly #compiled: ProgramCache;
  readonly #startSpecs: Specs;

  constructor(model: RewardedModel, device: DeviceContext) {
    this.#model = model;
    this.#device = device;
    this.#compiled = new ProgramCache(device);
    this.#startSpecs = Object.fromEntries(
      Object.entries(this.#scored).map(([name, spec]) => [START + name, spec]),
    );
  }

  /** What a policy is made of. */
  get #scored(): Specs {
    return { ...this.#model.parameters, ...this.#model.persistent?.specs };
  }

  /** Puts the start on the device: its parameters by name, or those of a checkpoint that training goes on from. */
  async loadStart(values: HostArrays): Promise<void> {
    const prefix = Object.keys(values).some((name) => name.startsWith(START)) ? '' : START;
    const entries = Object.entries(this.#startSpecs).map(([name, spec]) => {
      const own = prefix === '' ? name : name.slice(START.length);
      return [name, { spec, data: values[own] }] as const;
    });
    await this.#device.load(Object.fromEntries(entries));
  }

  /** The start's parameters, for a checkpoint. */
  async startTensors(): Promise<Record<string, StoredTensor>> {
    return namedTensors(this.#startSpecs, await this.#device.read(Object.keys(this.#startSpecs)));
  }

  async score(of: 'present' | 'start', shape: BatchShape, inputs: HostArrays): Promise<HostScores> {
    const key = `${of} ${shape.rows}x${shape.length}`;
    const executable = await this.#compiled.get(key, () => this.#program(of, shape));
    return (await executable.run(inputs)) as unknown as HostScores;
  }

  #program(of: 'present' | 'start', shape: BatchShape): Program {
    const names = Object.keys(this.#scored);
    const prefix = of === 'start' ? START : '';
    const { constants } = this.#model;
    const parameters = of === 'start' ? this.#startSpecs : this.#scored;
    return {
      name: `log-probabilities of the ${of} ${shape.rows} x ${shape.length}`,
      state: stateOf({ parameters, constants }),
      inputs: this.#model.scoredInputs(shape),
      run: (values, inputs) => {
        const own: Tensors = Object.fromEntries(names.map((name) => [name, values[prefix + name]]));
        const all = withConstants(this.#model, values, { ...inputs, ...own });
        return { outputs: { ...this.#model.scores(own, all) } };
      },
    };
  }

  release(): Promise<void> {
    return this.#compiled.release();
  }
}
