import type { CurveComparison } from '../../core/api/compare.ts';
import { mostTellingFirst } from '../../core/evaluation/metrics-table.ts';
import type { Store } from '../../core/store/store.ts';

/** Training curves of several runs for one metric, two points per pixel: the minimum and the maximum. */
export function comparedCurves(
  store: Store,
  input: { runs: string[]; metric?: string; from?: number; to?: number; pixels: number },
): CurveComparison {
  const { runs, from, to, pixels } = input;
  const metrics = mostTellingFirst(store.series.names(runs));
  const metric = input.metric ?? metrics[0];
  if (metric === undefined) return { metrics, curves: [] };
  const curves = runs.map((run) => {
    const { steps, epochs, times, values } = store.series.read(run, metric, { from, to, limit: 2 * pixels });
    const began = store.runs.attempts(run)[0]?.startedAt ?? times[0] ?? 0;
    return { run, steps, epochs, times: times.map((time) => time - began), values };
  });
  return { metrics, curves: curves.filter(({ steps }) => steps.length > 0) };
}
