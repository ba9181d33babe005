/** Stages that a way from a pretrained model to a run lacks, as the form of a new run begins with them. */
import type { AddedStage } from '../../../core/api/language.ts';
import { stageTitle } from '../../../core/documents/language-words.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { carriedOn } from './language-pipeline.ts';

type Settings = Record<string, unknown>;

/** As the card of a pretrained model offers them. */
const ADAPTERS = { loraRank: 8, recomputeBlocks: true };
const QUESTION_ADAPTERS = { ...ADAPTERS, loraTargets: 'query,value' };

/** What follows the last stage, where it is done; then the pretrained model as it is, where it was not asked yet. `stages` in their order. */
export function nextStages(stages: readonly OwnRun[]): AddedStage[] {
  const last = stages[stages.length - 1];
  const following = last.status === 'completed' ? after(last, stages.some(hasWeights)) : [];
  return [...following, ...asItIs(stages)];
}

const hasWeights = ({ config: { weights } }: OwnRun) => typeof weights === 'string' && weights !== '';

const added = (model: AddedStage['model'], overrides: Settings): AddedStage => ({
  ...{ title: stageTitle(model, overrides), model, overrides },
});

function after({ id, model, config }: OwnRun, isPretrained: boolean): AddedStage[] {
  if (model === 'tiger' || model === 'lc-rec') return [added('rewarded', { policy: id })];
  if (model !== 'brew') return [];
  const lora = isPretrained ? ADAPTERS : {};
  if (config.epochs === 0) {
    const { weights } = config;
    if (weights === '') return [];
    return [
      added('brew', { ...carriedOn(config), ...QUESTION_ADAPTERS, weights, stage: 'fine-tuning' }),
      added('lc-rec', { ...lora, weights }),
    ];
  }
  const learnt = [...(config.stage === 'pretraining' ? ['instruction'] : []), 'fine-tuning'];
  const further = config.stage === 'fine-tuning' ? [] : learnt;
  return [
    ...further.map((stage) => added('brew', { ...carriedOn(config), startFrom: id, stage })),
    added('lc-rec', { ...lora, languageFrom: id }),
  ];
}

/** With as many past interactions in its prompts as the first trained stage shows, and with none. */
function asItIs(stages: readonly OwnRun[]): AddedStage[] {
  const first = stages.find(({ model, config }) => model === 'brew' && config.epochs !== 0);
  if (!first || !hasWeights(first)) return [];
  const asked = stages.filter(({ config }) => config.epochs === 0).map(({ config }) => config.shots);
  const { loraRank, loraAlpha, loraTargets, recomputeBlocks, ...carried } = carriedOn(first.config);
  return [...new Set([first.config.shots, 0])]
    .filter((shots) => !asked.includes(shots))
    .map((shots) => {
      const { weights } = first.config;
      const one = added('brew', { ...carried, weights, stage: 'fine-tuning', epochs: 0, shots });
      return { ...one, title: shots === 0 ? `${one.title}, no past interactions` : one.title };
    });
}
