/** What the series of a training by reward say of one step. */
import type { HostArrays } from '../../../engine/index.ts';
import type { MetricValues } from '../../../training/step-loop.ts';
import type { HostScores } from './policy-scorer.ts';
import type { RewardConfig } from './reward-config.ts';

interface Scored {
  /** Above 0 of the IDs that are there. */
  weights: Float32Array;
  present: HostScores;
  start: HostScores;
  levels: number;
  /** IDs of a history. */
  choices: number;
}

interface Group {
  /** By ID whether it is that of the item that came next, and its rank by probability. */
  hits: readonly boolean[];
  ranks: readonly number[];
  /** Share of distinct IDs. */
  distinct: number;
}

/** A mean that grows. */
class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get value(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}

export class StepMeasures {
  readonly #config: RewardConfig;
  readonly #means: Record<string, Mean> = {};

  constructor(config: RewardConfig) {
    this.#config = config;
    // Of the first step on what was drawn, no ratio is other than 1.
    if (config.objective === 'grpo') this.#mean('clipped');
  }

  #mean(name: string): Mean {
    this.#means[`train/${name}`] ??= new Mean();
    return this.#means[`train/${name}`];
  }

  /** Of a micro-batch before the step: divergence from the start and entropy of a code, and which target is preferred. */
  add({ weights, present, start, levels, choices }: Scored): void {
    const ids = weights.length;
    const own = present.logProbabilities;
    const gains = new Float64Array(ids);
    for (let id = 0; id < ids; id++) {
      if (weights[id] === 0) continue;
      for (let at = id * levels; at < (id + 1) * levels; at++) {
        const toStart = start.logProbabilities[at] - own[at];
        gains[id] -= toStart;
        this.#mean('entropy').add(present.entropies[at]);
        if (this.#config.objective === 'grpo') this.#mean('kl').add(Math.exp(toStart) - toStart - 1);
      }
    }
    if (this.#config.objective === 'grpo') return;
    for (let first = 0; first < ids; first += choices) {
      if (weights[first] === 0) continue;
      const others = gains
        .subarray(first + 1, first + choices)
        .filter((_, at) => weights[first + 1 + at] > 0);
      this.#mean('preferred').add(Number(others.every((other) => gains[first] > other)));
    }
  }

  /** What IDs lose by rank is left out of their reward: it sums to one in every group with a hit. */
  addGroup({ hits, ranks, distinct }: Group): void {
    this.#mean('reward').add(hits.filter(Boolean).length / hits.length);
    const first = hits.reduce(
      (least, hit, at) => (hit ? Math.min(least, ranks[at]) : least),
      Number.POSITIVE_INFINITY,
    );
    this.#mean('gain').add(1 / Math.log2(first + 1));
    this.#mean('distinct').add(distinct);
  }

  /** Of which tokens the last step on what was drawn leaves the ratio as it is, by the policy before it. */
  addRatios(logProbabilities: Float32Array, inputs: HostArrays, levels: number): void {
    const { drawn, weights, advantages } = inputs;
    const { clipRange } = this.#config;
    for (const [at, log] of logProbabilities.entries()) {
      const id = Math.floor(at / levels);
      if (weights[id] === 0) continue;
      const beyond = (Math.exp(log - drawn[at]) - 1) * Math.sign(advantages[id]);
      this.#mean('clipped').add(Number(beyond > clipRange));
    }
  }

  values(): MetricValues {
    return Object.fromEntries(Object.entries(this.#means).map(([name, mean]) => [name, mean.value]));
  }
}
