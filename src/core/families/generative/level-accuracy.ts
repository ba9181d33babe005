/** How often each level's token is right when the tokens before it are. */
import type { Bucket } from '../../data/buckets.ts';
import { type DeviceContext, float32, int32, type Program, ProgramCache } from '../../engine/index.ts';
import { type CodeSources, openCodes, teacherTokens } from './batches.ts';
import type { Catalogue } from './catalogue.ts';
import type { GenerativeModel } from './generative-model.ts';

/** Counts, over the targets of many batches, the most probable token of each level against the true one. */
export class LevelAccuracy {
  readonly #model: GenerativeModel;
  readonly #catalogue: Catalogue;
  readonly #compiled: ProgramCache;
  readonly #right: Float64Array;
  #targets = 0;

  constructor(model: GenerativeModel, catalogue: Catalogue, device: DeviceContext) {
    this.#model = model;
    this.#catalogue = catalogue;
    this.#compiled = new ProgramCache(device);
    this.#right = new Float64Array(model.levels);
  }

  /** targets: a dense item a row, or -1 for a row that does not count; each has an ID that training knows. */
  async add(bucket: Bucket, sources: CodeSources, targets: Int32Array): Promise<void> {
    const key = `${bucket.rows}x${bucket.length}`;
    const executable = await this.#compiled.get(key, () => this.#program(bucket));
    const { labels, decoderTokens } = teacherTokens(this.#catalogue.tokens, targets);
    const open = this.#model.config.softmax === 'continuations' ? openCodes(this.#catalogue, targets) : {};
    const { predicted } = await executable.run({ ...sources.arrays, decoderTokens, ...open });
    const { levels } = this.#model;
    for (const [row, target] of targets.entries()) {
      if (target < 0) continue;
      this.#targets++;
      for (let level = 0; level < levels; level++) {
        if (predicted[row * levels + level] === labels[row * levels + level]) this.#right[level]++;
      }
    }
  }

  #program({ rows, length }: Bucket): Program {
    const source = this.#model.sourceLength(length);
    return {
      name: `level accuracy ${rows} x ${length}`,
      state: this.#model.parameters,
      inputs: {
        tokens: int32(rows, source),
        present: float32(rows, source),
        decoderTokens: int32(rows, this.#model.levels),
        ...this.#model.openInputs(rows),
      },
      run: (state, inputs) => ({
        state: {},
        outputs: { predicted: this.#model.predictedTokens(state, inputs) },
      }),
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
