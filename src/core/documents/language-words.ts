import type { LanguageEvaluation } from '../evaluation/language-evaluation.ts';
import { modelTitle } from '../model-facts.ts';
import { countText, withCommas as grouped } from '../names.ts';

/** Whom an evaluation asked and beside whom, in one sentence. */
export function askedText({ asked }: Pick<LanguageEvaluation, 'asked'>): string {
  if (asked === null) return 'Whom it asked was not recorded.';
  const { users, ofUsers, fewerUsers, candidates, retriever, against } = asked;
  const all =
    users === ofUsers ? `all ${grouped(users)} users` : `${grouped(users)} of ${grouped(ofUsers)} users`;
  const lists = [
    ...(candidates > 0 ? [`${countText(candidates, 'drawn candidate')}`] : []),
    ...(retriever === null ? [] : [`the best items of ${retriever}`]),
  ];
  const parts = [
    `Asked ${all}, for the other tests ${grouped(fewerUsers)}`,
    lists.length > 0 ? `ranked ${lists.join(' and ')} again` : 'ranked no candidates',
    against.length > 0 ? `beside ${against.join(', ')}` : 'beside no other run',
  ];
  return `${parts.join('; ')}.`;
}

/** What nobody knows of pretrained models, in a sentence that begins small. */
export const readBeforeText = (models: readonly string[]): string =>
  `what ${models.join(' and ')} read before is not known: the data set may be in it`;

type Settings = Readonly<Record<string, unknown>>;
const isSet = (value: unknown) => typeof value === 'string' && value !== '';

const STAGE_WORDS: Readonly<Record<string, string>> = {
  pretraining: 'Pretraining',
  instruction: 'Instruction tuning',
  'fine-tuning': 'Fine-tuning on the question',
};

/** What a run is among the stages of one language model, such as "LoRA on the question". */
export function stageTitle(model: string, config: Settings): string {
  const { stage, epochs, loraRank, objective } = config;
  const withLora = Number(loraRank) > 0;
  if (model === 'brew') {
    if (epochs === 0) return isSet(config.weights) ? 'Pretrained, as it is' : 'As it is';
    return stage === 'fine-tuning' && withLora ? 'LoRA on the question' : STAGE_WORDS[String(stage)];
  }
  if (model === 'rewarded') return `Rewarded, ${objective === 's-dpo' ? 'S-DPO' : 'GRPO'}`;
  if (model === 'lc-rec') return withLora ? 'Semantic IDs as words, LoRA' : 'Semantic IDs as words';
  return modelTitle(model);
}

/** Whether a run begins from nothing that was trained before. */
export const beginsFromScratch = ({ weights, startFrom, languageFrom, policy }: Settings): boolean =>
  ![weights, startFrom, languageFrom, policy].some(isSet);
