import { useQuery } from '@tanstack/react-query';
import { api } from '../state/api.ts';

/** The series that select the epoch of a run, in words. */
const VALIDATION: Record<string, string> = {
  'valid/ndcg@10': 'Validation NDCG@10',
  'valid/auc': 'Validation AUC',
};
const LOSS = { 'train/loss': 'Training loss' };

export interface MainCurve {
  title: string;
  /** Finite numbers, at least two. */
  values: readonly number[];
  /** The best value, or of a loss the last one. */
  best: number;
  isLoss: boolean;
}

/** What selects the epoch of a run where it has that, else its loss, thinned to so many pixels; null before it has two points. */
export function useMainCurve(run: string, pixels: number): MainCurve | null {
  return useCurve(run, pixels, { ...VALIDATION, ...LOSS });
}

/** The same without the loss: beside each other, all curves that rise are of runs that get better. */
export function useValidationCurve(run: string, pixels: number): MainCurve | null {
  return useCurve(run, pixels, VALIDATION);
}

function useCurve(run: string, pixels: number, titles: Record<string, string>): MainCurve | null {
  const metrics = Object.keys(titles);
  const { data } = useQuery(api.runs.series.queryOptions({ input: { run, metrics, pixels } }));
  for (const { metric, values: all } of data ?? []) {
    const values = all.filter(Number.isFinite);
    if (values.length < 2) continue;
    const isLoss = metric === 'train/loss';
    return {
      title: titles[metric],
      values,
      best: isLoss ? values[values.length - 1] : Math.max(...values),
      isLoss,
    };
  }
  return null;
}
