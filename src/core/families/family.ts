/** Which trainer a model's kind has. */
import type { DatasetSummary } from '../data/types.ts';
import type { DeviceContext } from '../engine/index.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../training/events.ts';
import { trainRanking } from './clicks/train.ts';
import { trainGenerative } from './generative/train.ts';
import { trainLanguage } from './language/train.ts';
import type { DefinitionOf, ModelDefinition, ModelKind } from './model.ts';
import { trainNextItem } from './next-item/train.ts';
import { trainTokeniser } from './tokenisers/training/train.ts';

/** What every family works with. */
export interface FamilyContext {
  spec: TrainSpec;
  /** Whole and checked. */
  config: Record<string, unknown>;
  summary: DatasetSummary;
  device: DeviceContext;
  emit(event: TrainerEvent): void;
  signal?: AbortSignal;
  /** To be called once, before the first step: trained parameters, and the step of the checkpoint it goes on from. */
  started(parameters: number, fromStep: number): void;
}

type Family<Kind extends ModelKind> = (
  model: DefinitionOf<Kind>,
  context: FamilyContext,
) => Promise<RunResult>;

const families: { [Kind in ModelKind]: Family<Kind> } = {
  trained: trainNextItem,
  fitted: trainNextItem,
  tokeniser: trainTokeniser,
  ranking: trainRanking,
  language: trainLanguage,
  generative: trainGenerative,
};

export function trainByFamily(model: ModelDefinition, context: FamilyContext): Promise<RunResult> {
  const family = families[model.kind] as Family<ModelKind>;
  return family(model, context);
}
