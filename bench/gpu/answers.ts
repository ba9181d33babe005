/** What the parts of a trial answer. */

export interface Kernels {
  cases: number;
  /** A line a case that differs. */
  disagreements: string[];
}

export interface Trained {
  /** Of every step that was recorded. */
  losses: number[];
  metrics: Record<string, number>;
  seconds: number;
}

export interface Speed {
  /** Of the model; undefined for its defaults. */
  preset?: string;
  /** Null where too few steps were done. */
  stepsPerSecond: number | null;
}

/** How long steps are watched. */
export const SPEED_MS = 15_000;
