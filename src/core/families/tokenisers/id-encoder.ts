import { type DeviceContext, float32, type Program, ProgramCache } from '../../engine/index.ts';
import { throwIfCancelled } from '../../errors.ts';
import { collisionTokens, type ItemMatrix, type SemanticIds } from '../../semantic-ids/types.ts';
import type { TrainableTokeniser } from './tokeniser.ts';

/** Items encoded at once. */
const BLOCK = 1024;

export interface EncodedItems {
  ids: SemanticIds;
  latents: ItemMatrix;
  /** Mean of the items' squared errors. */
  reconstruction: number;
}

/** The IDs of all items by the parameters that are on the device. */
export class IdEncoder {
  readonly #model: TrainableTokeniser;
  readonly #content: ItemMatrix;
  readonly #compiled: ProgramCache;

  constructor(model: TrainableTokeniser, device: DeviceContext, content: ItemMatrix) {
    this.#model = model;
    this.#compiled = new ProgramCache(device);
    this.#content = content;
  }

  async encode(options: { signal?: AbortSignal; onProgress(done: number): void }): Promise<EncodedItems> {
    const { items, dim, data } = this.#content;
    const { codebookSizes, latentDim } = this.#model;
    const levels = codebookSizes.length;
    const block = Math.min(BLOCK, items);
    const executable = await this.#compiled.get('tokenise', () => tokeniseProgram(this.#model, block, dim));
    const codes = new Int32Array(items * levels);
    const latents = new Float32Array(items * latentDim);
    const content = new Float32Array(block * dim);
    let errors = 0;
    for (let from = 0; from < items; from += block) {
      throwIfCancelled(options.signal);
      const rows = Math.min(block, items - from);
      content.fill(0);
      content.set(data.subarray(from * dim, (from + rows) * dim));
      const found = await executable.run({ content });
      codes.set(found.codes.subarray(0, rows * levels), from * levels);
      latents.set(found.latents.subarray(0, rows * latentDim), from * latentDim);
      for (let row = 0; row < rows; row++) errors += found.errors[row];
      options.onProgress(from + rows);
    }
    const tokens = collisionTokens(codes, levels);
    return {
      ids: { levels, codebookSizes, items, codes, collisionTokens: tokens },
      latents: { items, dim: latentDim, data: latents },
      reconstruction: errors / items,
    };
  }

  release(): Promise<void> {
    return this.#compiled.release();
  }
}

/** Outputs codes int32 [rows, levels], latents [rows, latent] and errors [rows]. */
function tokeniseProgram(model: TrainableTokeniser, rows: number, dim: number): Program {
  return {
    name: `tokenise ${rows}`,
    state: model.parameters,
    inputs: { content: float32(rows, dim) },
    run: (state, { content }) => ({ outputs: { ...model.tokenise(state, content) } }),
  };
}
