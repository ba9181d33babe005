/** The family of tokenisers: encodes what items are about, trains or fits, keeps the Semantic IDs and measures them. */
import { UserError } from '../../errors.ts';
import type { DefinitionOf } from '../../models/types.ts';
import { encodeContent } from '../../semantic-ids/content/index.ts';
import type { ItemMatrix, ItemSpace, SemanticIds } from '../../semantic-ids/types.ts';
import type { RunResult } from '../events.ts';
import type { FamilyContext } from '../families.ts';
import { Progress } from '../progress.ts';
import { fitTokeniser } from './fitting.ts';
import { liveMeasures } from './live-measures.ts';
import { trainTokeniserSteps } from './training.ts';

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
  const content = definition.readsContent ? await contentOf(context) : null;
  const model = definition.build(config, { items, dim: content?.dim ?? 0 });
  const outcome = await train(model, content, context);
  const { epochs, selectedEpoch, seconds, ids } = outcome;
  return {
    ...{ status: 'completed', epochs, selectedEpoch, seconds },
    metrics: liveMeasures(ids),
    ranks: [],
    protocol: { task: 'tokeniser', dataset: summary.fingerprint, items },
  };
}

function contentOf({ spec, config, emit, signal }: FamilyContext): Promise<ItemMatrix> {
  const progress = new Progress(emit, 1);
  return encodeContent(config, {
    ...{ datasetDir: spec.datasetDir, sources: spec.sources, seed: spec.seed, signal },
    onProgress: (done, total, unit) => progress.report('prepare', { epoch: 0, done, total, unit }),
    warn: (message) => emit({ type: 'log', level: 'warn', message }),
  });
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
