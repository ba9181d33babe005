/** Lists of items by the log-probabilities of all tokens of their IDs, which a model predicts at once. */
import { setImmediate } from 'node:timers/promises';
import type { Tensor } from '@tensorflow/tfjs';
import {
  type HostArray,
  type HostArrays,
  type Program,
  ProgramCache,
  type Specs,
  type Tensors,
} from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { diverged } from '../../../evaluation/diverged.ts';
import type { ParameterSpecs } from '../../../layers/index.ts';
import { Random } from '../../../math/random.ts';
import { rankingMemory } from '../../../training/fitting-rows.ts';
import { GRAPH_ITEMS } from '../../../training/progress.ts';
import type { ChunkUse } from '../../../training/ranking/chunks.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { GeneratedList, Lister, ListerOptions, ListRequest } from '../generative-model.ts';
import { highest, ItemDigits, ItemGraph, type ScoredPlaces, similarItems } from './item-graph.ts';

/** What the lister needs of a model whose tokens do not follow from each other. */
export interface DigitModel {
  readonly parameters: ParameterSpecs;
  sourceInputs(shape: BatchShape): Specs;
  /** Log-probabilities of every level's codes after the history, level by level: [rows, codes of all levels] */
  logProbabilities(parameters: Tensors, inputs: Tensors): Tensor;
  /** The parameter [codes of all levels, dim] whose rows say how similar codes are. */
  readonly codeVectors: string;
}

/** How long others wait for an answer while the graph is made. */
const ANSWER_MS = 50;

/** How items are found by the graph. */
export interface GraphOptions {
  edges: number;
  beams: number;
  steps: number;
}

/** The neighbours last found for a model: validation and test of one epoch take the same. */
const made = new WeakMap<DigitModel, { vectors: HostArray; edges: number; neighbours: Int32Array }>();

function sameBytes(a: HostArray, b: HostArray): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}

/** Runs to the end, says how far it is, and lets others have their answers meanwhile. */
async function answering<T>(
  making: Iterator<number, T>,
  total: number,
  { signal, onProgress }: ChunkUse,
): Promise<T> {
  throwIfCancelled(signal);
  let step = making.next();
  let isLong = false;
  for (let answered = performance.now(); !step.done; step = making.next()) {
    if (performance.now() - answered < ANSWER_MS) continue;
    isLong = true;
    onProgress?.(step.value + 1, total, GRAPH_ITEMS);
    await setImmediate();
    throwIfCancelled(signal);
    answered = performance.now();
  }
  if (isLong) onProgress?.(total, total, GRAPH_ITEMS);
  return step.value;
}

export class DigitLister implements Lister {
  readonly #model: DigitModel;
  readonly #options: ListerOptions;
  readonly #graphOptions: GraphOptions | null;
  readonly #digits: ItemDigits;
  readonly #compiled: ProgramCache;
  #graph: ItemGraph | null = null;

  /** graph: null scores every item. */
  constructor(model: DigitModel, options: ListerOptions, graph: GraphOptions | null) {
    const { catalogue, device } = options;
    this.#model = model;
    this.#options = options;
    this.#graphOptions = graph;
    this.#digits = new ItemDigits(catalogue.tokens, catalogue.named);
    this.#compiled = new ProgramCache(device);
  }

  async prepare(use: ChunkUse = {}): Promise<void> {
    if (!this.#graphOptions) return;
    const { codeVectors } = this.#model;
    const { device, catalogue } = this.#options;
    const { [codeVectors]: vectors } = await device.read([codeVectors]);
    const { starts, outputs } = catalogue.tokens.levels;
    const ends = [...starts, outputs].map((token) => token - 1);
    const { edges } = this.#graphOptions;
    const known = made.get(this.#model);
    const isSame = known?.edges === edges && sameBytes(known.vectors, vectors);
    const { length } = this.#digits.items;
    const neighbours = isSame
      ? known.neighbours
      : await answering(similarItems(this.#digits, vectors as Float32Array, ends, edges), length, use);
    made.set(this.#model, { vectors, edges, neighbours });
    this.#graph = new ItemGraph(neighbours, length);
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
        throw diverged('a score is not a number');
      }
      const scoreOf = (place: number) =>
        this.#digits.score(place, logProbabilities as Float32Array, row * width);
      return this.#generated(this.#scored(request.user, scoreOf), request);
    });
  }

  #program(shape: BatchShape): Program {
    return {
      name: `log-probabilities ${shape.rows} x ${shape.length}`,
      // One user alone may be asked for.
      ...(shape.rows > 1 && { memory: rankingMemory(shape) }),
      state: this.#model.parameters,
      inputs: this.#model.sourceInputs(shape),
      run: (state, inputs) => ({
        outputs: { logProbabilities: this.#model.logProbabilities(state, inputs) },
      }),
    };
  }

  /** All places, or those that the search has come upon. */
  #scored(user: number, scoreOf: (place: number) => number): ScoredPlaces {
    if (this.#graph && this.#graphOptions) {
      const random = new Random(this.#options.seed, user, 'graph');
      return this.#graph.search(this.#graphOptions, scoreOf, random);
    }
    const places = Int32Array.from(this.#digits.items.keys());
    return { places, scores: Float64Array.from(places, scoreOf) };
  }

  #generated({ places, scores }: ScoredPlaces, { filtered, targets }: ListRequest): GeneratedList {
    const { items } = this.#digits;
    places.forEach((place, at) => {
      if (filtered.has(items[place])) scores[at] = Number.NEGATIVE_INFINITY;
    });
    const first = Array.from(highest(scores, this.#options.length));
    const listed = first.map((at) => scores[at]);
    const list = {
      items: first.map((at) => items[places[at]]),
      ranks: listed.map((score) => listed.lastIndexOf(score) + 1),
      scores: listed,
    };
    const placeOf = (target: number) =>
      filtered.has(target) ? -1 : places.indexOf(this.#digits.placeOf(target));
    return { list, ranks: targets.map((target) => rankAmong(scores, placeOf(target))) };
  }

  measures(): Record<string, number> {
    return {};
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#compiled.release();
  }
}

/** Scores that are not lower than the one at an index, itself included; null for -1. */
function rankAmong(scores: Float64Array, at: number): number | null {
  if (at < 0) return null;
  return scores.reduce((rank, score) => rank + (score >= scores[at] ? 1 : 0), 0);
}
