/** What trainings take on a usual machine: good for ratios, and for a first guess. */
import type { DatasetSummary } from '../../../core/data/types.ts';
import type { Model } from '../../../core/families/model.ts';
import type { Config } from '../../../core/training/config.ts';

export interface Work {
  model: Model;
  config: Config;
  statistics: DatasetSummary['statistics'];
}

/** Null where the model is not known. */
export function usualSeconds({ model, statistics }: Work): number | null {
  return model.fitSeconds?.(statistics) ?? null;
}
