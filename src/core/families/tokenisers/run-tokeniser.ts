/** The family of tokenisers: encodes what items are about, trains or fits, keeps the Semantic IDs and measures them. */
import { UserError } from '../../errors.ts';
import { readSnapshot, selectSnapshot, writeSnapshot, writeSpace } from '../../semantic-ids/artefact.ts';
import { measureOnDataset } from '../../semantic-ids/measures/dataset.ts';
import { metricsOf } from '../../semantic-ids/measures/index.ts';
import { collisionTokens, type ItemMatrix } from '../../semantic-ids/types.ts';
import { contentOf } from '../../training/content.ts';
import type { RunResult } from '../../training/events.ts';
import { Progress } from '../../training/progress.ts';
import { otherSplit } from '../../training/provenance.ts';
import type { RunContext } from '../../training/run-context.ts';
import type { FittedTokeniser, Tokeniser, TokeniserDefinition, TokeniserOutcome } from './tokeniser.ts';
import { trainTokeniserSteps } from './train-by-steps.ts';

export async function trainTokeniser(
  definition: TokeniserDefinition,
  context: RunContext,
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
  const split = otherSplit(spec.sources?.vectorsFrom?.config ?? {});
  const measures = await measureOnDataset({ snapshot, space, datasetDir, splits: split ? [split] : [] });
  return {
    status: 'completed',
    epochs,
    selectedEpoch,
    seconds,
    metrics: metricsOf(measures),
    ranks: [],
    protocol: {
      ...{ task: 'tokeniser', dataset: summary.fingerprint, items },
      ...split,
    },
  };
}

function train(model: Tokeniser, content: ItemMatrix | null, context: RunContext): Promise<TokeniserOutcome> {
  if (model.training === 'fit') return fitTokeniser(model, content, context);
  if (!content) throw new Error('a tokeniser that is trained by steps reads content');
  return trainTokeniserSteps(model, content, context);
}

/** Fits a tokeniser in one go; a run that was interrupted starts over. */
async function fitTokeniser(
  model: FittedTokeniser,
  content: ItemMatrix | null,
  { spec, summary, emit, signal, started }: RunContext,
): Promise<TokeniserOutcome> {
  const begun = performance.now();
  const { catalogueItems: items } = summary.statistics;
  const progress = new Progress(emit, 1);
  started(0, 0);
  const { codebookSizes, codes, codebooks } = await model.fit({
    content,
    items,
    datasetDir: spec.datasetDir,
    seed: spec.seed,
    signal,
    onProgress: (done, total, unit) => progress.report('train', { epoch: 1, done, total, unit }),
    log: (level, message) => emit({ type: 'log', level, message }),
  });
  const levels = codebookSizes.length;
  const ids = { levels, codebookSizes, items, codes, collisionTokens: collisionTokens(codes, levels) };
  const space = content && { vectors: content, latents: null };
  writeSnapshot(spec.runDir, { step: 1, epoch: 1, ids, codebooks });
  if (space) writeSpace(spec.runDir, space);
  selectSnapshot(spec.runDir, 1);
  const seconds = (performance.now() - begun) / 1000;
  return { epochs: 1, selectedEpoch: 1, seconds, ids, space };
}
