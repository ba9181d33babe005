import { useQuery } from '@tanstack/react-query';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { type SweepPage, type SweepTrial, stateText } from '../../../core/api/studies.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { fixed, rangeText, shortTime } from '../../format/format.ts';
import { useTimeLeft } from '../../runs/use-clock.ts';
import { api } from '../../state/api.ts';

/** The numbers behind the best trial, and how far the sweep is. */
export function SweepHeadline({ sweep }: { sweep: SweepPage }) {
  const { best, done, cells, trials } = sweep;
  const { metric } = sweep.spec.sweep;
  const left = useTimeLeft(
    trials.flatMap(({ runs }) => runs.map(({ id }) => id)),
    done < cells,
  );
  const test = useTestFigure(sweep);
  const figures: Figure[] = [
    {
      label: metricLabel(metric),
      value: fixed(best?.value?.mean, metricDecimals(metric)),
      detail: bestDetail(sweep),
    },
    ...test,
    {
      label: 'Trials',
      value: `${done} of ${cells}`,
      detail: stateText(trials),
    },
    ...spentFigure(trials),
    ...(left === null
      ? []
      : [{ label: 'Time left', value: left, detail: 'with the runs before it in the queue' }]),
  ];
  return <Figures label="Best trial" figures={figures} />;
}

/** The deviation over seeds, or the next best. */
function bestDetail({ best, spec: { sweep }, trials }: SweepPage): string {
  const decimals = metricDecimals(sweep.metric);
  const std = best?.value?.std ?? null;
  if (std !== null) return `± ${fixed(std, decimals)} over seeds`;
  const next = trials.find(({ rank }) => rank === 2);
  return next ? `next best ${fixed(next.value?.mean, decimals)}` : '';
}

/** What training took, and what it would have taken to the last epoch of every run. */
function spentFigure(trials: readonly SweepTrial[]): Figure[] {
  const timed = trials.flatMap(({ seconds, epochs, plannedEpochs, runs }) => {
    if (seconds === null) return [];
    const longer = epochs && plannedEpochs ? Math.max(1, plannedEpochs / epochs) : 1;
    const isWhole = epochs !== null && plannedEpochs !== null && epochs >= plannedEpochs;
    return [{ spent: seconds * runs.length, whole: seconds * runs.length * longer, isWhole }];
  });
  if (timed.length === 0) return [];
  const sum = (of: 'spent' | 'whole') => timed.reduce((total, one) => total + one[of], 0);
  const [spent, whole] = [sum('spent'), sum('whole')];
  const ended = timed.every(({ isWhole }) => isWhole) ? 'no run stopped early' : undefined;
  const detail = whole > 1.05 * spent ? `about ${shortTime(whole)} without early stops` : ended;
  return [{ label: 'Training time', value: shortTime(spent), detail }];
}

/** The test result of the best trial: with its interval if it is of one seed, else with the deviation over seeds. */
function useTestFigure({ best, test }: SweepPage): Figure[] {
  const single = best?.runs.length === 1 && test !== null;
  const { data } = useQuery({
    ...api.compare.toBaseline.queryOptions({
      input: { run: best?.runs[0]?.id ?? '', metric: test?.metric ?? '' },
    }),
    enabled: single,
  });
  if (!test) return [];
  const decimals = metricDecimals(test.metric);
  const interval = rangeText(data?.interval);
  const spread = test.std === null ? interval : `± ${fixed(test.std, decimals)}`;
  return [
    {
      label: `Test ${metricLabel(test.metric)}, chosen trial`,
      value: fixed(test.mean, decimals),
      detail: [spread, 'not used to choose'].filter(Boolean).join(', '),
      title: data?.interval && single ? '95 % interval over the test users' : undefined,
    },
  ];
}
