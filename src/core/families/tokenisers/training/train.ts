/** The family of tokenisers: encodes what items are about, trains or fits, keeps the Semantic IDs and measures them. */
import { UserError } from '../../../errors.ts';
import { readSnapshot } from '../../../semantic-ids/artefact.ts';
import { measureOnDataset } from '../../../semantic-ids/measures/dataset.ts';
import { metricsOf } from '../../../semantic-ids/measures/index.ts';
import type { ItemMatrix, ItemSpace, SemanticIds } from '../../../semantic-ids/types.ts';
import { contentOf } from '../../../training/content.ts';
import type { RunResult } from '../../../training/events.ts';
import type { FamilyContext } from '../../family.ts';
import type { DefinitionOf } from '../../model.ts';
import { fitTokeniser } from './fit.ts';
import { trainTokeniserSteps } from './train-by-steps.ts';

/** What either way of training hands back; the run's folder has the IDs by then. */
export interface TokeniserOutcome {
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  ids: SemanticIds;
  /** Null where the tokeniser reads no content. */
  space: ItemSpace | null;
}

export async function trainTokeniser(
  definition: DefinitionOf<'tokeniser'>,
  context: FamilyContext,
): Promise<RunResult> {
  const { spec, config, summary } = context;
  if (spec.evaluate)
    throw new UserError(`${definition.id} ranks no items, so there is nothing to evaluate again`);
  const { catalogueItems: items } = summary.statistics;
  const content = definition.readsContent(config) ? await contentOf(context) : null;
  const model = definition.build(config, { items, dim: content?.dim ?? 0 });
  const outcome = await train(model, content, context);
  const { epochs, selectedEpoch, seconds, space } = outcome;
  const snapshot = readSnapshot(spec.runDir);
  const { datasetDir } = spec;
  const measures = await measureOnDataset({ snapshot, space, datasetDir });
  return {
    ...{ status: 'completed', epochs, selectedEpoch, seconds },
    metrics: metricsOf(measures),
    ranks: [],
    protocol: { task: 'tokeniser', dataset: summary.fingerprint, items },
  };
}

function train(
  model: ReturnType<DefinitionOf<'tokeniser'>['build']>,
  content: ItemMatrix | null,
  context: FamilyContext,
): Promise<TokeniserOutcome> {
  if (model.training === 'fit') return fitTokeniser(model, content, context);
  if (!content) throw new Error('a tokeniser that is trained by steps reads content');
  return trainTokeniserSteps(model, content, context);
}
