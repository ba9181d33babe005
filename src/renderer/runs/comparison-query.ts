import { type PracticalRequest, ropeText } from '../../core/api/compare.ts';

/** What is compared, as it stands in the address of a comparison. */
export interface Compared {
  runs: readonly string[];
  /** Undefined for the first run, null for none. */
  baseline?: string | null;
  /** Undefined for the usual ones. */
  metrics?: readonly string[];
  /** What rows are called, by the id of one of their runs. */
  labels?: Readonly<Record<string, string>>;
  /** What is asked of differences besides. */
  practical?: PracticalRequest;
}

export const NO_BASELINE = 'none';

export function comparisonQuery(compared: Compared): Record<string, string> {
  const { runs, baseline, metrics, labels = {}, practical: { rope, power } = {} } = compared;
  return {
    ...(runs.length > 0 ? { runs: runs.join(',') } : {}),
    ...(baseline === undefined ? {} : { baseline: baseline ?? NO_BASELINE }),
    ...(metrics === undefined ? {} : { metrics: metrics.join(',') }),
    ...(Object.keys(labels).length === 0 ? {} : { labels: JSON.stringify(labels) }),
    ...(rope === undefined ? {} : { rope: ropeText(rope) }),
    ...(power === undefined ? {} : { power: String(power) }),
  };
}
