import { z } from 'zod';
import { useView } from '../state/view.ts';

const curvesView = z.object({
  axis: z.enum(['step', 'epoch', 'time']),
  /** Half-life as a share of the shown stretch. */
  smoothing: z.number().min(0).max(1),
  logarithmic: z.boolean(),
  /** Of several seeds the mean with its deviation in place of every one. */
  mean: z.boolean().default(true),
  /** Of a run; null for the usual ones. */
  metrics: z.array(z.string()).nullable(),
});
export type CurvesView = z.output<typeof curvesView>;

const DEFAULT: CurvesView = { axis: 'step', smoothing: 0, logarithmic: false, mean: true, metrics: null };
const check = (stored: unknown) => curvesView.safeParse(stored).data ?? null;

/** How curves are looked at, the same for every run and comparison. */
export function useCurvesView() {
  return useView('run:curves', DEFAULT, check);
}
