import { LRUCache } from 'lru-cache';
import type { BaselineComparison, BaselineRequest } from '../../core/api/compare.ts';
import { bootstrapIntervals, meanInterval, resampleMeans } from '../../core/evaluation/bootstrap.ts';
import { validationOf } from '../../core/evaluation/choice.ts';
import { parseListMetric, perUserOfLists } from '../../core/evaluation/list-metrics.ts';
import { parseRankMetric, perUserMetric } from '../../core/evaluation/metrics.ts';
import { comparisonKey } from '../../core/evaluation/protocol.ts';
import { models } from '../../core/families/registry.ts';
import type { Store } from '../../core/store/store.ts';
import type { MeasuredRun, OwnRun } from '../../core/store/types.ts';
import { bestByValidation } from '../services/analysis/compared-runs.ts';
import { compared } from '../services/analysis/comparisons.ts';
import { itemsOf } from '../services/analysis/item-facts.ts';
import { unchosenTrials } from '../services/runs/leaderboard.ts';

/** As in a comparison. */
const RESAMPLES = 2000;
/** Latest answers, keyed by the records they depend on: the window asks again whenever any run has changed. */
const recent = new LRUCache<string, BaselineComparison>({ max: 32 });

/** The interval of a test metric of a run, and its difference to the best baseline that is comparable. */
export async function compareToBaseline(
  store: Store,
  { run: id, metric }: BaselineRequest,
  context: { signal?: AbortSignal } = {},
): Promise<BaselineComparison> {
  const run = store.runs.measured(id);
  const baseline = bestBaseline(store, run, metric);
  const key = JSON.stringify([store.home, run, baseline, metric]);
  const cached = recent.get(key);
  if (cached) return cached;
  const result = {
    interval: await intervalOf(store, run, metric),
    against: baseline && (await against(store, run, baseline, { metric, context })),
  };
  recent.set(key, result);
  return result;
}

const recentIntervals = new LRUCache<string, Record<string, [number, number]>>({ max: 32 });

/** 95 % BCa intervals over users of the test metrics of a run that follow from a rank a user, by name. */
export async function testIntervals(store: Store, { run: id }: { run: string }) {
  const run = store.runs.measured(id);
  const key = JSON.stringify([store.home, run]);
  const cached = recentIntervals.get(key);
  if (cached) return cached;
  const ranks = store.ranks.read(id, 'test');
  const names = Object.keys(run.metrics).filter((name) => name.startsWith('test/') && parseRankMetric(name));
  const samples = ranks ? names.map((name) => perUserMetric(ranks, name)) : [];
  const means = samples.length > 0 ? resampleMeans(samples, { resamples: RESAMPLES, seed: 1 }) : [];
  const intervals = Object.fromEntries(
    means.map((one, at) => [names[at], bootstrapIntervals(samples[at], one).bca]),
  );
  recentIntervals.set(key, intervals);
  return intervals;
}

/** 95 % BCa interval over users; null where the metric has no value a user. */
async function intervalOf(
  store: Store,
  run: MeasuredRun,
  metric: string,
): Promise<BaselineComparison['interval']> {
  const listed = parseListMetric(metric);
  const ranks = (listed ?? parseRankMetric(metric)) && store.ranks.read(run.id, 'test');
  if (!ranks) return null;
  if (!listed) return meanInterval(perUserMetric(ranks, metric), RESAMPLES);
  const items = ranks.topK < listed.cutoff ? null : await itemsOf(store, run, [metric]);
  const values = items && perUserOfLists(ranks, listed, items).filter(Number.isFinite);
  return values && values.length > 0 ? meanInterval(values, RESAMPLES) : null;
}

async function against(
  store: Store,
  run: MeasuredRun,
  baseline: OwnRun,
  { metric, context }: { metric: string; context: { signal?: AbortSignal } },
): Promise<BaselineComparison['against']> {
  if (baseline.id === run.id) return null;
  const pair = { runs: [baseline.id, run.id], baseline: baseline.id, metrics: [metric] };
  const { rows } = await compared(store, pair, [baseline, run], context);
  const cell = rows.find(({ isBaseline }) => !isBaseline)?.cells[0];
  if (!cell || cell.delta === null) return null;
  const { delta, deltaPercent, significance } = cell;
  const { id, name, model } = baseline;
  return { id, name, model, delta, deltaPercent, significance };
}

/** Of the baselines fitted in one go whose protocol may be compared with the run's, itself included, the best by validation. */
function bestBaseline(store: Store, { protocol, dataset }: MeasuredRun, metric: string): OwnRun | null {
  if (protocol === null) return null;
  const fitted = models.filter(({ group, kind }) => group === 'baseline' && kind === 'fitted');
  const key = comparisonKey(protocol);
  const trials = unchosenTrials(store, new Set([dataset.fingerprint]));
  const candidates = store.runs
    .completed(
      fitted.map(({ id }) => id),
      dataset.fingerprint,
    )
    .filter(
      (other) =>
        other.evaluates === null &&
        metric in other.metrics &&
        other.protocol !== null &&
        comparisonKey(other.protocol) === key &&
        !trials.has(other.id),
    );
  // Lists of the validation items are not kept, so that some metrics are of the test alone.
  const watched = validationOf(metric);
  const valid = candidates.some(({ metrics }) => watched in metrics) ? watched : fitted[0].watched.metric;
  return bestByValidation(store, candidates, valid) ?? null;
}
