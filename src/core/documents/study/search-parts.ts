/** What stands beside the figure of a search: its rungs, its finalists, and whether more trials are worth their time. */
import { trialDirection } from '../../evaluation/choice.ts';
import { metricDecimals, signOf } from '../../evaluation/metrics-table.ts';
import { welchT } from '../../evaluation/significance.ts';
import { countText } from '../../names.ts';
import { phaseOf } from '../../store/runs/run-life.ts';
import { furtherTrials } from '../../studies/search/further.ts';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { fixed } from '../format.ts';

export interface Rung {
  epochs: number;
  /** That have reached it, and of these went on from it. */
  trials: number;
  promoted: number;
  /** The worst value of those that went on; null at the last rung, and where none did. */
  from: number | null;
}

/** The rungs that trials have reached, the first one first; none where trials are not stopped early. */
export function rungsReached(spec: SweepSpec, trials: readonly SweepTrial[]): Rung[] {
  const sign = signOf(trialDirection(spec.sweep));
  const all = [...new Set(trials.flatMap(({ rungs }) => rungs.map(({ epochs }) => epochs)))];
  return all
    .sort((a, b) => a - b)
    .map((epochs) => {
      const reached = trials.filter(({ rungs }) => rungs.some((rung) => rung.epochs === epochs));
      const promoted = reached.filter((trial) => goesOn(trial, epochs));
      const values = promoted.flatMap(({ rungs }) =>
        rungs.flatMap((rung) => (rung.epochs === epochs ? [sign * rung.value] : [])),
      );
      const from = values.length === 0 ? null : sign * Math.min(...values);
      return { epochs, trials: reached.length, promoted: promoted.length, from };
    });
}

/** Whether it has trained beyond a rung, or is about to. */
function goesOn({ rungs, status }: SweepTrial, epochs: number): boolean {
  return rungs.some((rung) => rung.epochs > epochs) || (status !== null && phaseOf(status) !== 'ended');
}

export interface Finalist {
  trial: SweepTrial;
  /** Validation from each seed that has completed. */
  values: readonly number[];
  /** Of Welch's t-test over the seeds against the chosen trial; null for that one, and where one of both has fewer than two seeds. */
  p: number | null;
}

/** The trials that were trained from more seeds than the others, the chosen one first; none where none were. */
export function finalistsOf(spec: SweepSpec, trials: readonly SweepTrial[]): Finalist[] {
  const finalists = trials
    .filter(({ runs, rank }) => rank !== null && runs.length > spec.seeds.length)
    .map((trial) => ({
      trial,
      values: trial.runs.flatMap(({ value }) => (value === null ? [] : [value])),
    }));
  const [chosen] = finalists;
  return finalists.map((one) => {
    const isTold = one !== chosen && Math.min(one.values.length, chosen.values.length) > 1;
    return { ...one, p: isTold ? welchT(chosen.values, one.values).p : null };
  });
}

/** "the three finalists cannot be told apart"; null before they have been trained from all seeds. */
export function finalistsText(spec: SweepSpec, trials: readonly SweepTrial[]): string | null {
  const all = finalistsOf(spec, trials);
  const seeds = spec.sweep.finalists?.seeds.length ?? 0;
  if (all.length < 2 || all.some(({ values }) => values.length < Math.max(2, seeds))) return null;
  const apart = all.filter(({ p }) => p !== null && p < 0.05).length;
  if (apart === 0) return `the ${all.length} finalists cannot be told apart`;
  return apart === all.length - 1
    ? 'the chosen finalist is told from the others'
    : `the chosen finalist is told from ${apart} of ${all.length - 1} others`;
}

/** How many trials a search has still to make. */
export const trialsLeft = ({ sweep, sizes }: SweepSpec) =>
  sweep.state === 'open' || sweep.state === 'paused' ? Math.max(0, sweep.trials - sizes.length) : 0;

/** Whether to let it continue, in a sentence; null where nothing is left to make, or too little is known. */
export function furtherText(spec: SweepSpec, trials: readonly SweepTrial[]): string | null {
  const left = trialsLeft(spec);
  const sign = signOf(trialDirection(spec.sweep));
  const values = trials.flatMap(({ rank, value }) => (rank !== null && value ? [-sign * value.mean] : []));
  const further = furtherTrials(values, left);
  if (!further) return null;
  const gain = fixed(further.gain, metricDecimals(spec.sweep.metric));
  return `${countText(left, 'more trial')} like the first ${values.length} find a better one with a probability of ${fixed(100 * further.chance, 0)} %, by ${gain} at the median.`;
}
