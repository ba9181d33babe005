import { useQuery } from '@tanstack/react-query';
import { api } from '../state/api.ts';

/** The series that tell how a run learns, in words: what selects its epoch where it has that, else its loss. */
const MAIN_CURVES: Record<string, string> = {
  'valid/ndcg@10': 'Validation NDCG@10',
  'valid/auc': 'Validation AUC',
  'train/loss': 'Training loss',
};

export interface MainCurve {
  title: string;
  /** Finite numbers, at least two. */
  values: readonly number[];
  /** The best value, or of a loss the last one. */
  best: number;
  isLoss: boolean;
}

/** The main curve of a run, thinned to so many pixels; null before it has two points. */
export function useMainCurve(run: string, pixels: number): MainCurve | null {
  const metrics = Object.keys(MAIN_CURVES);
  const { data } = useQuery(api.runs.series.queryOptions({ input: { run, metrics, pixels } }));
  for (const { metric, values: all } of data ?? []) {
    const values = all.filter(Number.isFinite);
    if (values.length < 2) continue;
    const isLoss = metric === 'train/loss';
    return {
      title: MAIN_CURVES[metric],
      values,
      best: isLoss ? values[values.length - 1] : Math.max(...values),
      isLoss,
    };
  }
  return null;
}
