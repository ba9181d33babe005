/** Ranks generated items, together with hidden ones, by the similarity of their vectors to that of the history. */
import type { Tensor } from '@tensorflow/tfjs';
import { type DeviceContext, type Program, ProgramCache, type Tensors } from '../../../engine/index.ts';
import type { ParameterSpecs } from '../../../layers/index.ts';
import { dot } from '../../../math/rows.ts';
import { type Constants, stateOf } from '../../../training/constants.ts';
import type { ListRequest } from '../generative-model.ts';
import type { Reranker } from './beam-lister.ts';
import type { ItemList } from './lists.ts';

/** A model that compares histories and items. */
export interface DenseModel {
  readonly parameters: ParameterSpecs;
  /** `content`, a row an item, among them. */
  readonly constants: Constants;
  /** From `content`: [items, dim], an item scores its product with what a history asks for. */
  itemVectors(parameters: Tensors, inputs: Tensors): Tensor;
}

export class DenseRanking implements Reranker {
  readonly #model: DenseModel;
  readonly #compiled: ProgramCache;
  readonly #hidden: number[];
  #vectors = new Float32Array(0);

  /** hidden [items]: 1 for the items that are candidates of every list; null for none. */
  constructor(model: DenseModel, device: DeviceContext, hidden: Uint8Array | null) {
    this.#model = model;
    this.#compiled = new ProgramCache(device);
    this.#hidden = hidden ? [...hidden.keys()].filter((item) => hidden[item] === 1) : [];
  }

  async prepare(): Promise<void> {
    const executable = await this.#compiled.get('items', () => this.#itemsProgram());
    const { vectors } = await executable.run({});
    this.#vectors = vectors as Float32Array<ArrayBuffer>;
  }

  #itemsProgram(): Program {
    return {
      name: 'item vectors',
      state: stateOf(this.#model),
      inputs: {},
      run: (state) => ({ outputs: { vectors: this.#model.itemVectors(state, state) } }),
    };
  }

  rerank(lists: readonly ItemList[], queries: Float32Array, requests: readonly ListRequest[]): ItemList[] {
    const [items] = this.#model.constants.specs.content.shape;
    const dim = this.#vectors.length / items;
    return requests.map(({ filtered }, row) => {
      const cold = this.#hidden.filter((item) => !filtered.has(item));
      const query = queries.subarray(row * dim, (row + 1) * dim);
      return this.#ranked([...new Set([...lists[row].items, ...cold])], query);
    });
  }

  /** Equally similar items have the rank of the last of them. */
  #ranked(items: readonly number[], query: Float32Array): ItemList {
    const dim = query.length;
    const scored = items.map((item) => ({ item, score: dot(this.#vectors, item * dim, query, 0, dim) }));
    scored.sort((a, b) => b.score - a.score || a.item - b.item);
    const scores = scored.map(({ score }) => score);
    return {
      items: scored.map(({ item }) => item),
      ranks: scores.map((score) => scores.lastIndexOf(score) + 1),
      scores,
    };
  }

  release(): Promise<void> {
    return this.#compiled.release();
  }
}
