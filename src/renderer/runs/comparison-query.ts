/** What is compared, as it stands in the address of a comparison. */
export interface Compared {
  runs: readonly string[];
  /** Undefined for the first run, null for none. */
  baseline?: string | null;
  /** Undefined for the usual ones. */
  metrics?: readonly string[];
}

export const NO_BASELINE = 'none';

export function comparisonQuery({ runs, baseline, metrics }: Compared): Record<string, string> {
  return {
    ...(runs.length > 0 ? { runs: runs.join(',') } : {}),
    ...(baseline === undefined ? {} : { baseline: baseline ?? NO_BASELINE }),
    ...(metrics === undefined ? {} : { metrics: metrics.join(',') }),
  };
}
