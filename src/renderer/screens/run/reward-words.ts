/** A training by reward or preference in words: how it draws and rewards, and what ends it. */
import { z } from 'zod';
import type { OwnRun, RunPage, SeriesPoints } from '../../../core/api/runs.ts';
import { capital, countText, fixed } from '../../format/format.ts';

/** What its page reads of a config; earlier ones have no limits. */
const rewardConfig = z.object({
  policy: z.string(),
  tokeniser: z.string().default(''),
  objective: z.enum(['grpo', 's-dpo']),
  group: z.number(),
  drawing: z.enum(['beams', 'sample']),
  drawingTemperature: z.number(),
  reward: z.enum(['rank-aware', 'hit']),
  updates: z.number(),
  clipRange: z.number(),
  klWeight: z.number(),
  klLimit: z.number().default(0),
  leastDistinct: z.number().default(0),
  preferenceScale: z.number(),
  negatives: z.number(),
  negativeItems: z.string(),
  epochs: z.number(),
  patience: z.number(),
  evaluateEvery: z.number().default(1),
  selection: z.string(),
});
export type RewardConfig = z.output<typeof rewardConfig>;

/** Null for a run that is not trained so. */
export function rewardOf({ model, config }: Pick<OwnRun, 'model' | 'config'>): RewardConfig | null {
  return model === 'rewarded' ? (rewardConfig.safeParse(config).data ?? null) : null;
}

/** Facts by name. */
export function rewardFacts(config: RewardConfig): [name: string, value: string][] {
  const { objective, group, drawing, drawingTemperature, reward, updates, clipRange, klWeight } = config;
  if (objective === 's-dpo') {
    const { negatives, negativeItems, preferenceScale } = config;
    return [
      ['Objective', 'S-DPO, a softmax over several negatives'],
      ['Group', `the next item and ${countText(negatives, 'negative')} (${negativeItems})`],
      ['Scale', String(preferenceScale)],
    ];
  }
  const drawn =
    drawing === 'beams' ? 'the most probable, each once' : `drawn at temperature ${drawingTemperature}`;
  return [
    ['Objective', 'GRPO'],
    ['Group', `${countText(group, 'ID')} a history, ${drawn}`],
    [
      'Reward',
      reward === 'hit'
        ? '1 of the item that came next, else 0'
        : 'rank-aware: 1 of the item that came next; beside it, others lose 1 together, most at the top',
    ],
    ['Steps on a drawing', String(updates)],
    ['Clip range', String(clipRange)],
    ['Weight of KL', String(klWeight)],
  ];
}

/** What a step lowers, in the settings of the run. */
export function formulaOf({ objective, clipRange, klWeight, preferenceScale }: RewardConfig): string {
  return objective === 'grpo'
    ? `−min(w A, clip(w, 1 ± ${clipRange}) A) + ${klWeight} KL, mean over codes; w = π / π of the drawing, A = (reward − mean) / deviation of its group`
    : `−ln σ(−ln Σ exp(h of a negative − h of the next item)); h = ${preferenceScale} · ln(π / π of the start)`;
}

/** What ends a training, and how near it is. */
export interface StopRule {
  id: string;
  text: string;
  /** From 0 to 1, where it ends; null while nothing is known. */
  nearness: number | null;
  value: string;
  /** It would be the reason, and is near. */
  warns: boolean;
}

const NEAR = 0.8;

/** `validations`: of the metric that selects, in their order. */
export function stopRules(
  config: RewardConfig,
  { series, run }: Pick<RunPage, 'series' | 'run'>,
  validations: readonly number[],
): StopRule[] {
  const { patience, klLimit, leastDistinct, epochs, evaluateEvery, objective } = config;
  const lastOf = (metric: string) => series.find((one) => one.metric === metric)?.last;
  const rules: StopRule[] = [];
  if (patience > 0) {
    const since = sinceBest(validations);
    rules.push({
      id: 'patience',
      text: `No better validation in ${patience}`,
      nearness: since === null ? null : Math.min(1, since / patience),
      value: since === null ? '–' : `${since} of ${patience}`,
      warns: since !== null && since > 0 && since >= patience - 1,
    });
  }
  if (objective === 'grpo' && klLimit > 0) {
    const kl = lastOf('train/kl');
    rules.push({
      id: 'kl',
      text: `KL of an epoch above ${klLimit}`,
      nearness: kl === undefined ? null : Math.min(1, kl / klLimit),
      value: kl === undefined ? '–' : fixed(kl, 4),
      warns: kl !== undefined && kl >= NEAR * klLimit,
    });
  }
  if (objective === 'grpo' && leastDistinct > 0) {
    const distinct = lastOf('train/distinct');
    const gone = distinct === undefined ? null : (1 - distinct) / Math.max(1e-9, 1 - leastDistinct);
    rules.push({
      id: 'distinct',
      text: `Distinct IDs of an epoch under ${leastDistinct}`,
      nearness: gone === null ? null : Math.min(1, gone),
      value: distinct === undefined ? '–' : fixed(distinct, 2),
      warns: gone !== null && gone >= NEAR,
    });
  }
  const done =
    run.epochs ?? Math.floor(validations.length > 0 ? (validations.length - 1) * evaluateEvery : 0);
  rules.push({
    id: 'epochs',
    text: `Epoch ${epochs}`,
    nearness: epochs === 0 ? 1 : Math.min(1, done / epochs),
    value: String(done),
    warns: false,
  });
  return rules;
}

/** Validations since the best one; null before the first. */
function sinceBest(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  let best = 0;
  for (const [at, value] of values.entries()) if (value > values[best]) best = at;
  return values.length - 1 - best;
}

/** The values of a metric, in their order. */
export const valuesOf = (series: readonly SeriesPoints[] | undefined, metric: string): number[] =>
  series?.find((one) => one.metric === metric)?.values ?? [];

/** A run's notice is longer than that: what it says of an early end. */
export function earlyEnd(notice: string | null): string | null {
  const found = notice?.split('; ').find((line) => line.startsWith('Stopped early: '));
  return found ? capital(found.slice('Stopped early: '.length)) : null;
}
