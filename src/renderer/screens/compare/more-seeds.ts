import { bestFirst, type ComparedRow, type ComparisonView } from '../../../core/api/compare.ts';
import { isSimpleBaseline, modelTask } from '../../../core/api/models.ts';

/** As many runs that differ in their seed alone say how far seeds spread. */
const ENOUGH = 3;

export interface SeedOffer {
  row: ComparedRow;
  /** That the row lacks. */
  seeds: number[];
  /** For all of them, by those that were trained; null where they do not say. */
  seconds: number | null;
}

/**
 * The seeds that are missing for the verdict: of the best row by the first metric, or else of the one that it is compared
 * with. Null where both have enough, or runs are still to come.
 */
export function seedOffer(view: ComparisonView, shown: readonly number[]): SeedOffer | null {
  if (view.rows.length < 2 || view.protocols.length > 1 || shown.length === 0) return null;
  const [best, second] = bestFirst(view, shown[0]);
  const baseline = view.baseline === null ? best : view.rows[view.baseline];
  const row = [best, baseline === best ? second : baseline].find(
    ({ model, seeds }) =>
      seeds.length > 0 && seeds.length < ENOUGH && !isSimpleBaseline(model) && modelTask(model) !== undefined,
  );
  if (!row) return null;
  const taken = new Set(row.seeds);
  const free = Array.from({ length: 2 * ENOUGH }, (_, at) => at + 1).filter((seed) => !taken.has(seed));
  const seeds = free.slice(0, ENOUGH - taken.size);
  return { row, seeds, seconds: row.seconds === null ? null : row.seconds * seeds.length };
}
