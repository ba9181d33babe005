/** The family of models that generate the Semantic ID of the next item. */
import { keepInteractions } from '../../data/hidden-items.ts';
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { Random } from '../../math/random.ts';
import { readSnapshot } from '../../semantic-ids/artefact.ts';
import type { ProtocolConfig } from '../../training/config.ts';
import type { RunResult, TrainSpec } from '../../training/events.ts';
import type { TrainingContext } from '../../training/ranking/context.ts';
import { evaluateTrainee } from '../../training/ranking/evaluate.ts';
import { type EvaluationSet, evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { type Trainee, trainBySteps } from '../../training/ranking/train.ts';
import type { FamilyContext } from '../family.ts';
import type { DefinitionOf } from '../model.ts';
import { rankingContext, rankingResult } from '../next-item/train.ts';
import { CodeBatches } from './batches.ts';
import { type Catalogue, catalogueOf, hasId } from './catalogue.ts';
import { itemTokens } from './code-tokens.ts';
import { GenerativeRanker } from './generative-ranker.ts';
import type { Tiger, TigerConfig } from './tiger.ts';

/** Throws UserError where the data set has nothing to test, or the IDs are of other items. */
export async function trainGenerative(
  model: DefinitionOf<'generative'>,
  family: FamilyContext,
): Promise<RunResult> {
  const context = await rankingContext(family);
  const generative = openGenerative(model, family.config, {
    ...context,
    sources: context.spec.sources,
  });
  const trainee = traineeOf(generative, context);
  const { evaluate } = context.spec;
  const outcome = evaluate
    ? await evaluateTrainee(trainee, evaluate, context, family.started)
    : await trainBySteps(trainee, family.config, context, family.started);
  return rankingResult(outcome, family, context);
}

/** A generative model with the IDs it speaks. */
export interface Generative {
  tiger: Tiger;
  catalogue: Catalogue;
}

/** Throws UserError where the tokeniser's IDs are not of the data set's items. */
export function openGenerative(
  model: DefinitionOf<'generative'>,
  config: Record<string, unknown>,
  { data, hidden, sources }: Pick<TrainingContext, 'data' | 'hidden'> & Pick<TrainSpec, 'sources'>,
): Generative {
  const { ids } = readSnapshot(tokeniserOf(sources));
  if (ids.items !== data.catalogueItems) {
    throw new UserError(
      `the tokeniser's IDs are of ${ids.items} items and the data set has ${data.catalogueItems}; name a tokeniser of this data set`,
    );
  }
  const tokens = itemTokens(ids, config as TigerConfig);
  return { tiger: model.build(config, tokens.levels), catalogue: catalogueOf(tokens, data.items, hidden) };
}

function tokeniserOf(sources: TrainSpec['sources']): string {
  const source = sources?.tokeniser;
  if (!source) throw new UserError('config "tokeniser": name the run whose Semantic IDs the items have');
  return source.dir;
}

function traineeOf({ tiger, catalogue }: Generative, context: TrainingContext): Trainee {
  const { data, split, trainEnd, device, spec } = context;
  const { config } = tiger;
  const { validationUsers, validationBeams, beams } = config;
  return {
    model: tiger,
    batches: () => {
      const readable = withIds(data, trainEnd, (item) => hasId(catalogue.tokens, item));
      return new CodeBatches(readable.data, readable.trainEnd, tiger, catalogue, spec.seed);
    },
    nothingToLearn:
      'there is nothing to train on: no user has two items with an ID besides the ones held out for tests',
    ranker: (which, topK, purpose) => {
      const all = evaluationSet(split, which);
      const sampled = which === 'valid' || purpose === 'selection';
      return new GenerativeRanker({
        ...{ tiger, catalogue, data, device, topK, seed: spec.seed },
        set: sampled ? sampleOf(all, validationUsers, spec.seed) : all,
        rule: rankingRule(config as ProtocolConfig),
        beams: purpose === 'selection' ? validationBeams : beams,
        levelAccuracy: which === 'test' && purpose === 'result',
      });
    },
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

/** As many users drawn by the seed, all where there are fewer or `count` is 0. */
function sampleOf(set: EvaluationSet, count: number, seed: number): EvaluationSet {
  if (count === 0 || count >= set.users.length) return set;
  const order = new Random(seed, 0, 'validation-users').shuffle(Int32Array.from(set.users.keys()));
  const chosen = order.slice(0, count).sort();
  const pick = (values: Int32Array) => chosen.map((at) => values[at]);
  return {
    split: set.split,
    users: pick(set.users),
    targets: pick(set.targets),
    historyEnds: pick(set.historyEnds),
  };
}
