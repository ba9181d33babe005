import { UserError } from '../errors.ts';
import { readSafetensors } from '../files/safetensors.ts';
import type { ItemMatrix } from '../math/rows.ts';

/** A trained run, as a config names it. */
export interface VectorsRun {
  name: string;
  model: string;
  /** Absolute path of its checkpoint, or null. */
  checkpoint: string | null;
  /** Its candidates say how many items its table has; where that is not known, the number of rows does. */
  config?: Record<string, unknown>;
}

const TABLE = 'item-embedding';

/**
 * The item embeddings of a trained run as vectors of the whole catalogue. Tables with a row for padding have it first.
 * Items that the run did not embed, because nobody interacted with them, have zeros.
 * @returns [items, dim], and how many items the run did not embed
 * @throws UserError where the run has no item embeddings, or those of another catalogue
 */
export function embeddingsOfRun(
  run: VectorsRun,
  sizes: { items: number; catalogueItems: number },
): { vectors: ItemMatrix; empty: number } {
  const table = run.checkpoint ? readSafetensors(run.checkpoint)[TABLE] : undefined;
  if (!table) {
    throw new UserError(
      `run ${run.name} (${run.model}) has no item embeddings; set vectorsFrom to a run that learns them, such as one of sasrec or bprmf`,
    );
  }
  const [rows, dim] = table.spec.shape;
  const { items, catalogueItems } = sizes;
  const candidates = run.config?.candidates;
  const counts = candidates === undefined ? [items, catalogueItems] : [countOf(candidates, sizes)];
  const known = counts.find((count) => rows === count || rows === count + 1);
  if (known === undefined) {
    throw new UserError(
      `run ${run.name} embeds ${rows} items, this data set has ${items} (${catalogueItems} in its catalogue): name a run on this data set`,
    );
  }
  const data = new Float32Array(catalogueItems * dim);
  data.set((table.data as Float32Array).subarray((rows - known) * dim));
  return { vectors: { items: catalogueItems, dim, data }, empty: catalogueItems - known };
}

const countOf = (
  candidates: unknown,
  { items, catalogueItems }: { items: number; catalogueItems: number },
) => (candidates === 'catalogue' ? catalogueItems : items);
