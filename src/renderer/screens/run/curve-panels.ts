import type { LeaderboardRow } from '../../../core/api/compare.ts';
import type { CurvePanel } from '../../../core/api/figures.ts';
import { findMetric } from '../../../core/api/metrics.ts';
import { labelText, nameOf, type RunRecord } from '../../../core/api/runs.ts';
import { runColours } from '../../charts/colours.ts';
import { MAIN_METRICS } from '../../runs/main-metrics.ts';
import type { RunSeries } from './use-run-series.ts';

/** What a training by reward measures of its steps, in the order in which it is read. */
const OF_REWARDS = ['gain', 'reward', 'kl', 'entropy', 'distinct', 'clipped', 'preferred'].map(
  (name) => `train/${name}`,
);

/** One a measure, that which says how good the run is first, losses last. */
export function curvePanels(
  run: Pick<RunRecord, 'id' | 'name' | 'model' | 'dataset' | 'selectedEpoch'> &
    Partial<Pick<RunRecord, 'config'>>,
  added: readonly Pick<LeaderboardRow, 'id' | 'label' | 'model'>[],
  metrics: readonly string[],
  data: readonly RunSeries[],
  theme: 'light' | 'dark',
): CurvePanel[] {
  const rank = (metric: string) => {
    const main = MAIN_METRICS.findIndex((name) => metric.endsWith(`/${name}`));
    const rewarded = OF_REWARDS.indexOf(metric);
    if (rewarded >= 0) return MAIN_METRICS.length + rewarded;
    return /loss$/.test(metric) ? 100 : main < 0 ? 50 : main;
  };
  return panelsOf(metrics.toSorted((a, b) => rank(a) - rank(b))).map((panel) => {
    // Ids that come before those of runs, for the first of a model has its colour.
    const own = (metric: string) => ` ${metric}`;
    const colours = runColours(
      [...panel.metrics.map((metric) => ({ id: own(metric), model: run.model })), ...added],
      theme,
    );
    const named = (metric: string, at: number) => {
      if (at > 0)
        return {
          label: [
            labelText(added[at - 1].label),
            ...(panel.metrics.length > 1 ? [splitText(metric)] : []),
          ].join(', '),
        };
      return { label: panel.metrics.length > 1 ? splitText(metric) : labelText(nameOf(run, [run])) };
    };
    return {
      title: panel.title,
      subtitle: panel.metrics.length === 1 ? splitText(panel.metrics[0]) : undefined,
      fileName: `${run.name}-${panel.title.toLowerCase()}`,
      levels: levelsOf(panel.metrics, run.config),
      series: data.flatMap(({ run: owner, series }, at) =>
        series
          .filter(({ metric }) => panel.metrics.includes(metric))
          .map((points) => ({
            ...points,
            ...named(points.metric, at),
            id: at === 0 ? points.metric : `${owner} ${points.metric}`,
            colour: colours.get(at === 0 ? own(points.metric) : owner) ?? '',
            dashed: at > 0,
            chosen: at === 0 ? run.selectedEpoch : null,
          })),
      ),
    };
  });
}

/** What ends a training by reward where a measure passes it, by the key of its config. */
const LIMITS: Readonly<Record<string, string>> = { 'train/kl': 'klLimit', 'train/distinct': 'leastDistinct' };

function levelsOf(metrics: readonly string[], config: RunRecord['config'] | undefined): CurvePanel['levels'] {
  return metrics.flatMap((metric) => {
    const value = config?.[LIMITS[metric]];
    return typeof value === 'number' && value > 0
      ? [{ id: `limit ${metric}`, label: 'limit', colour: 'muted', value }]
      : [];
  });
}

/** "valid/ndcg@10" → "validation @10" */
function splitText(metric: string): string {
  const [name, cutoff] = metric.split('@');
  const [split] = name.split('/');
  const words: Record<string, string> = { train: 'training', valid: 'validation' };
  return [words[split] ?? split, ...(cutoff ? [`@${cutoff}`] : [])].join(' ');
}

export interface Panel {
  title: string;
  metrics: string[];
}

/** Metrics of one measure share a panel, whatever their split and cut-off: their values are of one kind. */
export function panelsOf(metrics: readonly string[]): Panel[] {
  const byMeasure = Map.groupBy(metrics, (metric) => {
    const measure = metric.split('/').at(-1) ?? metric;
    return measure.split('@')[0];
  });
  return [...byMeasure].map(([measure, members]) => ({
    title: findMetric(members[0])?.metric.title ?? measure,
    metrics: members,
  }));
}

const USUAL =
  /loss$|@10$|mrr$|^train\/(reconstruction|commitment|reward|gain|kl|entropy|distinct|clipped|preferred)$|^ids\//;

/** What is shown before anyone has chosen: the losses, of the validation metrics those cut at 10, and those of IDs. */
export function usualMetrics(logged: readonly string[]): string[] {
  const usual = logged.filter((metric) => USUAL.test(metric));
  return usual.length > 0 ? usual : logged.slice(0, 6);
}
