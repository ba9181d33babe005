import { selectSnapshot, writeSnapshot, writeSpace } from '../../../semantic-ids/artefact.ts';
import { collisionTokens, type ItemMatrix } from '../../../semantic-ids/types.ts';
import { Progress } from '../../../training/progress.ts';
import type { RunContext } from '../../../training/run-context.ts';
import type { FittedTokeniser } from '../tokeniser.ts';
import type { TokeniserOutcome } from './outcome.ts';

/** Fits a tokeniser in one go; a run that was interrupted starts over. */
export async function fitTokeniser(
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
    onProgress: (done, total, unit) =>
      progress.report('train', { epoch: 1, done, total, unit, share: done / total }),
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
