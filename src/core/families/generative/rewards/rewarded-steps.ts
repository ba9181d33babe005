/** Steps of a training by reward or preference. */
import type { MicroBatch } from '../../../data/batches/sequence-batches.ts';
import type { DeviceContext, HostArrays } from '../../../engine/index.ts';
import type { StepTrainer } from '../../../training/ranking/train-ranking.ts';
import type { MetricValues, ParameterStore, StepInfo } from '../../../training/step-loop.ts';
import type { StepRunner } from '../../../training/step-runner.ts';
import type { Catalogue } from '../code-tokens.ts';
import { allowedCodes } from '../generative-batches.ts';
import type { SequentialModel } from '../generative-model.ts';
import { GroupKeeper, type StepGroup } from './drawn-groups.ts';
import { GroupDrawer, preferenceGroups, teachersOf } from './id-groups.ts';
import { PolicyScorer } from './policy-scorer.ts';
import { type RewardConfig, rewardLimits } from './reward-config.ts';
import type { RewardedModel } from './rewarded-model.ts';
import { advantagesOf, ranksOf, rewardsOf } from './rewards.ts';
import { StepMeasures } from './step-measures.ts';

export interface RewardedStepsOptions {
  policy: SequentialModel;
  model: RewardedModel;
  catalogue: Catalogue;
  config: RewardConfig;
  device: DeviceContext;
  seed: number;
  runDir: string;
  /** The parameters that training starts from, by name. */
  start(): HostArrays;
}

/** A micro-batch with its groups. */
interface Grouped extends MicroBatch {
  labels: Int32Array;
  scored: HostArrays;
}

/** What a step trains on comes from the batch, which is of training interactions alone: their next items are what rewards know. */
export class RewardedSteps implements StepTrainer {
  readonly startsValidated = true;
  readonly store: ParameterStore;
  readonly limits: ReturnType<typeof rewardLimits>;
  readonly #options: RewardedStepsOptions;
  readonly #runner: StepRunner;
  readonly #drawer: GroupDrawer;
  readonly #scorer: PolicyScorer;
  readonly #keeper: GroupKeeper;

  constructor(runner: StepRunner, options: RewardedStepsOptions) {
    const { policy, catalogue, device, config, model } = options;
    this.#options = options;
    this.#runner = runner;
    this.#drawer = new GroupDrawer(policy, catalogue, device, config);
    this.#scorer = new PolicyScorer(model, device);
    this.#keeper = new GroupKeeper(catalogue, options.runDir);
    this.store = this.#store();
    this.limits = rewardLimits(config);
  }

  #store(): ParameterStore {
    const [runner, scorer] = [this.#runner, this.#scorer];
    return {
      get draws() {
        return runner.draws;
      },
      set draws(draws) {
        runner.draws = draws;
      },
      initialise: () => runner.initialise(),
      load: async (values) => {
        await runner.load(values);
        if (Object.keys(values).some((name) => name.startsWith('start/'))) await scorer.loadStart(values);
      },
      measures: () => runner.measures(),
      tensors: async (what) => ({
        ...(await runner.tensors(what)),
        ...(what === 'all' ? await scorer.startTensors() : {}),
      }),
    };
  }

  async prepare(): Promise<void> {
    const start = this.#options.start();
    await this.#runner.load(start);
    await this.#scorer.loadStart(start);
  }

  async step(
    { step, learningRate }: StepInfo,
    batches: readonly MicroBatch[],
  ): Promise<MetricValues & { 'train/loss': number }> {
    const { config } = this.#options;
    this.#keeper.begin(step);
    const grouped: Grouped[] = [];
    for (const [micro, batch] of batches.entries()) grouped.push(await this.#grouped(batch, step, micro));
    const measures = new StepMeasures(config);
    const ready: MicroBatch[] = [];
    for (const batch of grouped) ready.push(await this.#weighed(batch, grouped, measures));
    const updates = config.objective === 'grpo' ? config.updates : 1;
    let loss = 0;
    for (let update = 0; update < updates; update++) {
      if (update > 0 && update === updates - 1) await this.#measureRatios(ready, measures);
      loss = await this.#runner.step((step - 1) * updates + update + 1, learningRate, ready);
    }
    return { 'train/loss': loss, ...measures.values() };
  }

  async #grouped(batch: MicroBatch, step: number, micro: number): Promise<Grouped> {
    const { policy, catalogue, config, seed } = this.#options;
    const place = { seed, step, micro };
    const labels =
      config.objective === 'grpo'
        ? await this.#drawer.draw(batch, place)
        : preferenceGroups(batch, catalogue, config, place);
    const scored = {
      ...batch.inputs,
      labels,
      decoderTokens: teachersOf(labels, policy.levels),
      ...allowedCodes(catalogue, labels),
    };
    return { ...batch, labels, scored };
  }

  /** The inputs of a step: IDs with what both policies say of them, and what they are worth. */
  async #weighed(batch: Grouped, all: readonly Grouped[], measures: StepMeasures): Promise<MicroBatch> {
    const { policy, config } = this.#options;
    const { levels } = policy;
    const { shape, labels, scored } = batch;
    const present = await this.#scorer.score('present', shape, scored);
    const start = await this.#scorer.score('start', shape, scored);
    const isThere = (of: Int32Array, id: number) => of[id * levels] > 0;
    const ids = labels.length / levels;
    const rowsOrIds = config.objective === 'grpo' ? 1 : this.#options.model.choices;
    const total = all.reduce(
      (sum, other) =>
        sum +
        countWhere(other.labels.length / levels, (id) => id % rowsOrIds === 0 && isThere(other.labels, id)),
      0,
    );
    const weights = Float32Array.from({ length: ids }, (_, id) => (isThere(labels, id) ? 1 / total : 0));
    const inputs: HostArrays = { ...scored, weights, start: start.logProbabilities };
    if (config.objective === 'grpo') {
      inputs.drawn = present.logProbabilities;
      inputs.advantages = this.#advantages(batch, present.logProbabilities, measures);
    }
    measures.add({ weights, present, start, levels, choices: this.#options.model.choices });
    return { ...batch, inputs: inputs as MicroBatch['inputs'] };
  }

  /** Of every ID of a micro-batch, group by group. */
  #advantages(batch: Grouped, logs: Float32Array, measures: StepMeasures): Float32Array {
    const { labels, users } = batch;
    const { levels } = this.#options.policy;
    const { group: size } = this.#options.config;
    const advantages = new Float32Array(labels.length / levels);
    for (let row = 0; row < users.length; row++) {
      const ids = Array.from({ length: size }, (_, at) => row * size + at).filter(
        (id) => labels[id * levels] > 0,
      );
      if (ids.length === 0) continue;
      const { distinct, ...group } = this.#group(batch, row, ids, logs);
      group.advantages.forEach((advantage, at) => {
        advantages[ids[at]] = advantage;
      });
      measures.addGroup({ ...group, distinct });
      this.#keeper.add(group);
    }
    return advantages;
  }

  /** What was drawn for a row, and the share of distinct IDs. */
  #group(
    { labels, inputs, users }: Grouped,
    row: number,
    ids: readonly number[],
    logs: Float32Array,
  ): StepGroup & { distinct: number } {
    const { levels } = this.#options.policy;
    const idAt = (of: HostArrays[string], at: number) =>
      Int32Array.from(of.subarray(at * levels, (at + 1) * levels));
    const [target, tokens] = [idAt(inputs.labels, row), ids.map((id) => idAt(labels, id))];
    const codes = tokens.map((id) => id.join());
    const sums = ids.map((id) =>
      logs.subarray(id * levels, (id + 1) * levels).reduce((sum, log) => sum + log, 0),
    );
    const wanted = target.join();
    const hits = codes.map((code) => code === wanted);
    const ranks = ranksOf(sums);
    const rewards = rewardsOf(hits, ranks, this.#options.config.reward === 'rank-aware');
    return {
      ...{ user: users[row], target, ids: tokens, sums, ranks, hits, rewards },
      ...{ advantages: advantagesOf(rewards), distinct: new Set(codes).size / codes.length },
    };
  }

  async #measureRatios(batches: readonly MicroBatch[], measures: StepMeasures): Promise<void> {
    const { levels } = this.#options.policy;
    for (const { shape, inputs } of batches) {
      const { logProbabilities } = await this.#scorer.score('present', shape, inputs);
      measures.addRatios(logProbabilities, inputs, levels);
    }
  }

  validates(epoch: number): void {
    this.#keeper.write(epoch);
  }

  async release(): Promise<void> {
    await this.#drawer[Symbol.asyncDispose]();
    await this.#scorer.release();
  }
}

function countWhere(count: number, holds: (at: number) => boolean): number {
  let found = 0;
  for (let at = 0; at < count; at++) if (holds(at)) found++;
  return found;
}
