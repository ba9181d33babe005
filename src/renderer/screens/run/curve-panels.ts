import type { LeaderboardRow } from '../../../core/api/compare.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import { runColours } from '../../charts/colours.ts';
import type { CurvePanel } from '../../charts/curve-figure.ts';
import { panelsOf } from '../../charts/curve-shapes.ts';
import { MAIN_METRICS } from '../../runs/main-metrics.ts';
import type { RunSeries } from './use-run-series.ts';

/** One a measure, that which says how good the run is first, losses last. */
export function curvePanels(
  run: Pick<RunRecord, 'id' | 'name' | 'model' | 'selectedEpoch'>,
  added: readonly Pick<LeaderboardRow, 'id' | 'name' | 'model'>[],
  metrics: readonly string[],
  data: readonly RunSeries[],
  theme: 'light' | 'dark',
): CurvePanel[] {
  const rank = (metric: string) => {
    const main = MAIN_METRICS.findIndex((name) => metric.endsWith(`/${name}`));
    return /loss$/.test(metric) ? 100 : main < 0 ? 50 : main;
  };
  const others = runColours([run, ...added], theme);
  return panelsOf(metrics.toSorted((a, b) => rank(a) - rank(b))).map((panel) => {
    const colours = runColours(
      panel.metrics.map((id) => ({ id, model: run.model })),
      theme,
    );
    const named = (metric: string, at: number) => {
      if (at > 0)
        return {
          label: [added[at - 1].name, ...(panel.metrics.length > 1 ? [splitText(metric)] : [])].join(', '),
        };
      return { label: panel.metrics.length > 1 ? splitText(metric) : run.name };
    };
    return {
      title: panel.title,
      subtitle: panel.metrics.length === 1 ? splitText(panel.metrics[0]) : undefined,
      fileName: `${run.name}-${panel.title.toLowerCase()}`,
      series: data.flatMap(({ run: owner, series }, at) =>
        series
          .filter(({ metric }) => panel.metrics.includes(metric))
          .map((points) => ({
            ...points,
            ...named(points.metric, at),
            id: at === 0 ? points.metric : `${owner} ${points.metric}`,
            colour: (at === 0 ? colours.get(points.metric) : others.get(owner)) ?? '',
            dashed: at > 0,
            chosen: at === 0 ? run.selectedEpoch : null,
          })),
      ),
    };
  });
}

/** "valid/ndcg@10" → "validation @10" */
function splitText(metric: string): string {
  const [name, cutoff] = metric.split('@');
  const [split] = name.split('/');
  const words: Record<string, string> = { train: 'training', valid: 'validation' };
  return [words[split] ?? split, ...(cutoff ? [`@${cutoff}`] : [])].join(' ');
}
