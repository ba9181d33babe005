/** The family of tokenisers: encodes what items are about, trains or fits, keeps the Semantic IDs and measures them. */
import { UserError } from '../../errors.ts';
import type { DefinitionOf } from '../../models/types.ts';
import { readSnapshot } from '../../semantic-ids/artefact.ts';
import { encodeContent } from '../../semantic-ids/content/index.ts';
import { measureOnDataset } from '../../semantic-ids/measures/dataset.ts';
import { metricsOf } from '../../semantic-ids/measures/index.ts';
import type { ItemMatrix, ItemSpace, SemanticIds } from '../../semantic-ids/types.ts';
import type { RunResult } from '../events.ts';
import type { FamilyContext } from '../families.ts';
import { Progress } from '../progress.ts';
import { fitTokeniser } from './fitting.ts';
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
  const content = definition.readsContent(config) ? await contentOf(context) : null;
  if (content) requireFinite(content);
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

function contentOf({ spec, config, emit, signal }: FamilyContext): Promise<ItemMatrix> {
  const progress = new Progress(emit, 1);
  return encodeContent(config, {
    ...{ datasetDir: spec.datasetDir, sources: spec.sources, seed: spec.seed, signal },
    onProgress: (done, total, unit) => progress.report('prepare', { epoch: 0, done, total, unit }),
    warn: (message) => emit({ type: 'log', level: 'warn', message }),
  });
}

/** Throws UserError where a vector is none. */
function requireFinite({ items, dim, data }: ItemMatrix): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const item = Math.floor(bad / dim);
  throw new UserError(
    `the content vector of item ${item} (of ${items}, counted from 0) has values that are not finite`,
  );
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
