/** Trains or evaluates a model that generates the Semantic ID of the next item. */
import { dirname } from 'node:path';
import { keepInteractions } from '../../data/splits/hidden-items.ts';
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { drawnUsers } from '../../evaluation/samples.ts';
import { Random } from '../../math/random.ts';
import { readSnapshot, readSpace } from '../../semantic-ids/artefact.ts';
import type { Config } from '../../training/config.ts';
import type { RunResult, TrainSpec } from '../../training/events.ts';
import { sourceOf } from '../../training/negatives.ts';
import { type RankingContext, rankingContext } from '../../training/ranking/context.ts';
import { evaluatePlan } from '../../training/ranking/evaluate-ranking.ts';
import { evaluatedUsers, evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { rankingResult } from '../../training/ranking/result.ts';
import { type TrainingPlan, trainBySteps } from '../../training/ranking/train-ranking.ts';
import type { RunContext } from '../../training/run-context.ts';
import { valuesOf } from '../../training/step-loop.ts';
import { storedTensors } from '../../training/stored-model.ts';
import {
  type Catalogue,
  catalogueOf,
  collisionNote,
  hasId,
  itemTokens,
  type TokenLevels,
} from './code-tokens.ts';
import { CodeBatches } from './generative-batches.ts';
import { idSchema } from './generative-config.ts';
import type {
  GenerativeDefinition,
  GenerativeModel,
  ItemFacts,
  SequentialDefinition,
  SequentialModel,
} from './generative-model.ts';
import { keepPolicy, policyOf, policyRun } from './rewards/policy-run.ts';
import { rewardOf } from './rewards/reward-config.ts';
import { RewardedModel } from './rewards/rewarded-model.ts';
import { RewardedSteps } from './rewards/rewarded-steps.ts';
import { GenerativeRanker } from './search/generative-ranker.ts';

/** A generative model with the IDs it speaks. */
export interface Generative<M extends GenerativeModel = GenerativeModel> {
  model: M;
  catalogue: Catalogue;
  /** What is to be known of its IDs, or null. */
  note: ReturnType<typeof collisionNote>;
}

/** A definition that builds such models. */
export interface Buildable<M extends GenerativeModel> {
  build(config: Config, tokens: TokenLevels, facts: ItemFacts): M;
  rewarded?: SequentialDefinition['rewarded'];
}

/** Throws UserError where the tokeniser's IDs are not of the data set's items. */
export function openGenerative<M extends GenerativeModel>(
  definition: Buildable<M>,
  given: Config,
  { data, hidden, sources, folder, trains = false }: OpenedFrom,
): Generative<M> {
  const policy = definition.rewarded ? policyOf(folder, sources) : null;
  const config = (policy && definition.rewarded?.whole(given, policy)) ?? given;
  const { ids, tokens, tokeniser } = idsOf(config, { data, sources });
  const facts = {
    ...{ items: data.items, hidden, side: data.side, trains },
    folder: policy?.dir ?? folder,
    vectors: () => readSpace(tokeniser)?.vectors ?? null,
  };
  return {
    model: definition.build(config, tokens.levels, facts),
    catalogue: catalogueOf(tokens, data.items, hidden),
    note: collisionNote(ids, idSchema.parse(config).collisionToken),
  };
}

/** What a model is opened with. */
interface OpenedFrom extends Pick<RankingContext, 'data' | 'hidden'>, Pick<TrainSpec, 'sources'> {
  /** Of its run. */
  folder: string;
  /** Default: it is used alone. */
  trains?: boolean;
}

/** The folder of the run that a checkpoint is of. */
export const folderOfCheckpoint = (path: string) => dirname(dirname(path));

/** Throws UserError where the tokeniser's IDs are not of the data set's items. */
function idsOf(config: Config, { data, sources }: Pick<OpenedFrom, 'data' | 'sources'>) {
  const tokeniser = tokeniserOf(sources);
  const { ids } = readSnapshot(tokeniser);
  if (ids.items !== data.catalogueItems) {
    throw new UserError(
      `the tokeniser's IDs are of ${ids.items} items and the data set has ${data.catalogueItems}; choose a tokeniser of this data set`,
    );
  }
  return { ids, tokens: itemTokens(ids, idSchema.parse(config)), tokeniser };
}

function tokeniserOf(sources: TrainSpec['sources']): string {
  const source = sources?.tokeniser;
  if (!source) throw new UserError('config "tokeniser": name the run whose Semantic IDs the items have');
  return source.dir;
}

/** Throws UserError where the data set has nothing to test, or the IDs are of other items. */
export async function trainGenerative(definition: GenerativeDefinition, run: RunContext): Promise<RunResult> {
  const context = await rankingContext(run);
  const { data, hidden, config } = context;
  const { spec } = context;
  const { sources, evaluate } = spec;
  const begins = !evaluate && !spec.resumeFrom;
  if (begins && definition.generation === 'sequential' && definition.prepare)
    await definition.prepare(config, spec, idsOf(config, { data, sources }).tokens.levels);
  const isRewarded = definition.generation === 'sequential' && definition.rewarded !== undefined;
  if (begins && isRewarded) keepPolicy(spec.runDir, policyRun(sources));
  const folder = evaluate ? folderOfCheckpoint(evaluate.path) : spec.runDir;
  const generative = openGenerative(definition, config, { data, hidden, sources, folder, trains: !evaluate });
  if (generative.note) run.emit({ type: 'log', ...generative.note });
  const plan = isRewarded
    ? rewardedPlan(generative as Generative<SequentialModel>, context)
    : trainingPlan(generative, context);
  const outcome = evaluate ? await evaluatePlan(plan, evaluate, context) : await trainBySteps(plan, context);
  const { generation } = generative.model;
  return rankingResult(outcome, context, { generation });
}

function trainingPlan({ model, catalogue }: Generative, context: RankingContext): TrainingPlan {
  const { data, split, trainEnd, device, spec, config } = context;
  const { validationUsers } = model.config;
  const readable = () => withIds(data, trainEnd, (item) => hasId(catalogue.tokens, item));
  return {
    model,
    batches: (lengthPlan) => {
      const part = readable();
      return new CodeBatches(part.data, part.trainEnd, model, catalogue, { seed: spec.seed, lengthPlan });
    },
    ...model.training?.({ ...readable(), catalogue, device, spec }),
    emptyReason:
      'there is nothing to train on: no user has two items with an ID besides the ones held out for tests',
    ranker: (which, topK, purpose) => {
      const all = evaluatedUsers(split, which, config);
      const draw = new Random(spec.seed, 0, 'validation-users');
      const isSampled = which === 'valid' || purpose === 'selection';
      const users = isSampled ? drawnUsers(all, validationUsers, draw) : all;
      return new GenerativeRanker({
        model,
        catalogue,
        data,
        device,
        topK,
        seed: spec.seed,
        set: evaluationSet(split, which, config, users),
        rule: rankingRule(config),
        purpose,
      });
    },
  };
}

/** The same, trained by reward or preference from the policy that the config names. */
function rewardedPlan(generative: Generative<SequentialModel>, context: RankingContext): TrainingPlan {
  const { model: policy, catalogue } = generative;
  const { data, trainEnd, device, spec } = context;
  const config = rewardOf(context.config);
  const model = new RewardedModel(policy, catalogue.tokens.levels, config);
  return {
    ...trainingPlan(generative, context),
    model,
    batches: (lengthPlan) => {
      const readable = withIds(data, trainEnd, (item) => hasId(catalogue.tokens, item));
      const { isUnseen: known, odds } = sourceOf(context.config);
      const negativeNeeds = config.objective === 's-dpo' ? { known, odds } : undefined;
      const options = { seed: spec.seed, lengthPlan, negativeNeeds };
      return new CodeBatches(readable.data, readable.trainEnd, model.sources, catalogue, options);
    },
    trainer: (runner) =>
      new RewardedSteps(runner, {
        ...{ policy, model, catalogue, config, device, seed: spec.seed, runDir: spec.runDir },
        start: () => valuesOf(storedTensors(policy, policyRun(spec.sources).checkpoint)),
      }),
  };
}

/** The training part without interactions with items that have no ID. */
function withIds(
  data: Interactions,
  trainEnd: Int32Array,
  named: (item: number) => boolean,
): { data: Interactions; trainEnd: Int32Array } {
  const kept = keepInteractions(data, (at) => named(data.itemIds[at]));
  const ends = trainEnd.map((end, user) => {
    let without = 0;
    for (let at = data.offsets[user]; at < end; at++) if (!named(data.itemIds[at])) without++;
    return kept.offsets[user] + end - data.offsets[user] - without;
  });
  return { data: kept, trainEnd: ends };
}
