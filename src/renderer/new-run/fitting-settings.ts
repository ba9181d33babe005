/** Settings that bring a step within the memory that is free, and leave the batches of the training as they are. */
import type { StepMemory } from '../../core/api/models.ts';
import type { Config } from './draft.ts';

/** Fewer at once would take ever longer. */
const FEWEST_TOKENS = 16;

/**
 * What to try, what changes least first: blocks that the backward pass computes again, then fewer tokens at once, which makes more parts of
 * the same batch. `share`: of its memory that the step may take.
 */
export function candidates({ recomputeBlocks, microBatchTokens }: Config, share: number): Config[] {
  const again: Config = recomputeBlocks === false ? { recomputeBlocks: true } : {};
  const fewer: Config[] = [];
  for (let tokens = Number(microBatchTokens) / 2; tokens >= FEWEST_TOKENS; tokens /= 2)
    fewer.push({ microBatchTokens: Math.floor(tokens) });
  const all = fewer.map((one) => ({ ...again, ...one }));
  // Where blocks are computed again nothing is known yet of what a step takes.
  if (recomputeBlocks === false) return [again, ...all];
  return all.filter(
    (one, at) => Number(one.microBatchTokens) <= share * Number(microBatchTokens) || !all[at + 1],
  );
}

/** The first of the candidates that fits; null where none does, or where fewer tokens take no less. */
export async function fittingSettings(
  config: Config,
  { bytes, free }: StepMemory,
  weigh: (changes: Config) => Promise<StepMemory | null>,
): Promise<Config | null> {
  let lightest = bytes;
  for (const changes of candidates(config, free / bytes)) {
    const weighed = await weigh(changes);
    // Null: nobody knows what it would take.
    if (weighed === null || weighed.bytes >= lightest) return null;
    if (weighed.problem === null) return changes;
    lightest = weighed.bytes;
  }
  return null;
}
