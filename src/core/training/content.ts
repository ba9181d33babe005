/** Content vectors for the models that read them. */

import { encodeContent } from '../content/index.ts';
import { UserError } from '../errors.ts';
import type { ItemMatrix } from '../semantic-ids/types.ts';
import { Progress } from './progress.ts';
import type { RunContext } from './run-context.ts';

/**
 * One vector an item of the catalogue, by the content keys of the config.
 * Throws UserError where the data set has nothing to make vectors from, or a vector has a value that is not a number.
 */
export async function contentOf({ spec, config, emit, signal }: RunContext): Promise<ItemMatrix> {
  const progress = new Progress(emit, 1);
  const content = await encodeContent(config, {
    datasetDir: spec.datasetDir,
    sources: spec.sources,
    seed: spec.seed,
    signal,
    onProgress: (done, total, unit) => progress.report('prepare', { epoch: 0, done, total, unit }),
    warn: (message) => emit({ type: 'log', level: 'warn', message }),
  });
  requireFinite(content);
  return content;
}

function requireFinite({ items, dim, data }: ItemMatrix): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const item = Math.floor(bad / dim);
  throw new UserError(
    `the content vector of item ${item} (of ${items}, counted from 0) has values that are not finite`,
  );
}
