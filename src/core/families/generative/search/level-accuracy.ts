/** How often each level's token is right when the tokens before it are. */
import {
  type DeviceContext,
  type HostArrays,
  int32,
  type Program,
  ProgramCache,
} from '../../../engine/index.ts';
import { stateOf, withConstants } from '../../../training/constants.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { Catalogue } from '../code-tokens.ts';
import { allowedCodes, teacherTokens, usesContinuationMask } from '../generative-batches.ts';
import type { SequentialModel } from '../generative-model.ts';

/** Counts, over the targets of many batches, the most probable token of each level against the true one. */
export class LevelAccuracy {
  readonly #model: SequentialModel;
  readonly #catalogue: Catalogue;
  readonly #compiled: ProgramCache;
  readonly #right: Float64Array;
  #targets = 0;

  constructor(model: SequentialModel, catalogue: Catalogue, device: DeviceContext) {
    this.#model = model;
    this.#catalogue = catalogue;
    this.#compiled = new ProgramCache(device);
    this.#right = new Float64Array(model.levels);
  }

  /** targets: a dense item a row, or -1 for a row that does not count; each has an ID that training knows. */
  async add(shape: BatchShape, sources: HostArrays, targets: Int32Array): Promise<void> {
    const key = `${shape.rows}x${shape.length}`;
    const executable = await this.#compiled.get(key, () => this.#program(shape));
    const { labels, decoderTokens } = teacherTokens(this.#catalogue.tokens, targets);
    const open = usesContinuationMask(this.#model) ? allowedCodes(this.#catalogue, labels) : {};
    const { predicted } = await executable.run({ ...sources, decoderTokens, ...open });
    const { levels } = this.#model;
    for (const [row, target] of targets.entries()) {
      if (target < 0) continue;
      this.#targets++;
      for (let level = 0; level < levels; level++) {
        if (predicted[row * levels + level] === labels[row * levels + level]) this.#right[level]++;
      }
    }
  }

  #program(shape: BatchShape): Program {
    const { rows, length } = shape;
    return {
      name: `level accuracy ${rows} x ${length}`,
      state: { ...stateOf(this.#model), ...this.#model.persistent?.specs },
      inputs: {
        ...this.#model.sourceInputs(shape),
        decoderTokens: int32(rows, this.#model.levels),
        ...this.#model.allowedInputs(rows),
      },
      run: (state, inputs) => {
        const all = withConstants(this.#model, state, inputs);
        return { outputs: { predicted: this.#model.predictedTokens(state, all) } };
      },
    };
  }

  /** By level; empty where nothing was counted. */
  get shares(): number[] {
    return this.#targets === 0 ? [] : Array.from(this.#right, (right) => right / this.#targets);
  }

  release(): Promise<void> {
    return this.#compiled.release();
  }
}
