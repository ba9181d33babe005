/** Lists of items by the log-probabilities of all tokens of their IDs, which a model predicts at once. */
import type { Tensor } from '@tensorflow/tfjs';
import { type HostArrays, type Program, ProgramCache, type Specs, type Tensors } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import type { ParameterSpecs } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import type { BatchShape } from '../../training/step-model.ts';
import type { GeneratedList, Lister, ListerOptions, ListRequest } from './generative-model.ts';
import { highest, ItemDigits, type ScoredPlaces, searchGraph, similarItems } from './item-graph.ts';
import type { ItemList } from './lists.ts';

/** What the lister needs of a model whose tokens do not follow from each other. */
export interface DigitModel {
  readonly parameters: ParameterSpecs;
  sourceInputs(shape: BatchShape): Specs;
  /** Log-probabilities of every level's codes after the history, level by level: [rows, codes of all levels] */
  logProbabilities(parameters: Tensors, inputs: Tensors): Tensor;
  /** The parameter [codes of all levels, dim] whose rows say how similar codes are. */
  readonly codeVectors: string;
}

/** How items are found by the graph. */
export interface GraphOptions {
  edges: number;
  beams: number;
  steps: number;
}

export class DigitLister implements Lister {
  readonly #model: DigitModel;
  readonly #options: ListerOptions;
  readonly #graph: GraphOptions | null;
  readonly #digits: ItemDigits;
  readonly #compiled: ProgramCache;
  #neighbours: Int32Array | null = null;

  /** graph: null scores every item. */
  constructor(model: DigitModel, options: ListerOptions, graph: GraphOptions | null) {
    const { catalogue, device } = options;
    this.#model = model;
    this.#options = options;
    this.#graph = graph;
    this.#digits = new ItemDigits(catalogue.tokens, catalogue.named);
    this.#compiled = new ProgramCache(device);
  }

  async prepare(): Promise<void> {
    if (!this.#graph) return;
    const { codeVectors } = this.#model;
    const { device, catalogue } = this.#options;
    const { [codeVectors]: vectors } = await device.read([codeVectors]);
    const { starts, outputs } = catalogue.tokens.levels;
    const ends = [...starts, outputs].map((token) => token - 1);
    this.#neighbours = similarItems(this.#digits, vectors as Float32Array, ends, this.#graph.edges);
  }

  async lists(
    shape: BatchShape,
    sources: HostArrays,
    requests: readonly ListRequest[],
  ): Promise<GeneratedList[]> {
    const key = `${shape.rows}x${shape.length}`;
    const executable = await this.#compiled.get(key, () => this.#program(shape));
    const { logProbabilities } = await executable.run(sources);
    const width = logProbabilities.length / shape.rows;
    return requests.map((request, row) => {
      if (Number.isNaN(logProbabilities[row * width])) {
        throw new UserError('a score is not a number; the run has diverged, try a lower learning rate');
      }
      const scoreOf = (place: number) =>
        this.#digits.score(place, logProbabilities as Float32Array, row * width);
      return this.#neighbours ? this.#fromGraph(request, scoreOf) : this.#fromAll(request, scoreOf);
    });
  }

  #program(shape: BatchShape): Program {
    return {
      name: `log-probabilities ${shape.rows} x ${shape.length}`,
      state: this.#model.parameters,
      inputs: this.#model.sourceInputs(shape),
      run: (state, inputs) => ({
        state: {},
        outputs: { logProbabilities: this.#model.logProbabilities(state, inputs) },
      }),
    };
  }

  #fromAll({ filtered, target }: ListRequest, scoreOf: (place: number) => number): GeneratedList {
    const { items } = this.#digits;
    const scores = Float64Array.from(items, (_, place) => scoreOf(place));
    for (const item of filtered) {
      const place = this.#digits.placeOf(item);
      if (place >= 0) scores[place] = Number.NEGATIVE_INFINITY;
    }
    const places = highest(scores, this.#options.length);
    const found = { places, scores: Float64Array.from(places, (place) => scores[place]) };
    return { list: this.#listOf(found), rank: rankAmong(scores, this.#placeOf(target, filtered)) };
  }

  #fromGraph({ filtered, target, user }: ListRequest, scoreOf: (place: number) => number): GeneratedList {
    const { beams, steps } = this.#graph as GraphOptions;
    const neighbours = this.#neighbours as Int32Array;
    const random = new Random(this.#options.seed, user, 'graph');
    const found = searchGraph(this.#digits, { neighbours, beams, steps }, scoreOf, random);
    const isListed = (_: number, i: number) => !filtered.has(this.#digits.items[found.places[i]]);
    const [places, scores] = [found.places.filter(isListed), found.scores.filter(isListed)];
    const place = places.indexOf(this.#placeOf(target, filtered));
    return { list: this.#listOf({ places, scores }), rank: rankAmong(scores, place) };
  }

  /** -1 for an item that is none, has no ID or is filtered. */
  #placeOf(item: number | null, filtered: ReadonlySet<number>): number {
    return item === null || filtered.has(item) ? -1 : this.#digits.placeOf(item);
  }

  #listOf({ places, scores }: ScoredPlaces): ItemList {
    return {
      items: Array.from(places, (place) => this.#digits.items[place]),
      ranks: Array.from(scores, (score) => scores.lastIndexOf(score) + 1),
      scores: Array.from(scores),
    };
  }

  measures(): Record<string, number> {
    return {};
  }

  release(): Promise<void> {
    return this.#compiled.release();
  }
}

/** Scores that are not lower than that of a place, itself included; null without a place. */
function rankAmong(scores: Float64Array, place: number): number | null {
  if (place < 0) return null;
  return scores.reduce((rank, score) => rank + (score >= scores[place] ? 1 : 0), 0);
}
