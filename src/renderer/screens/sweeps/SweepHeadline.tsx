import { useQuery } from '@tanstack/react-query';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { type SweepPage, settingsText } from '../../../core/api/studies.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { Chip } from '../../components/lists.tsx';
import { fixed, rangeText } from '../../format/format.ts';
import { useTimeLeft } from '../../runs/use-queue-time.ts';
import { api } from '../../state/api.ts';

/** The answer first: the best settings so far, their results, and how far the sweep is. */
export function SweepHeadline({ sweep }: { sweep: SweepPage }) {
  const { best, done, trials } = sweep;
  const { metric } = sweep.spec.sweep;
  const left = useTimeLeft(
    trials.flatMap(({ runs }) => runs.map(({ id }) => id)),
    done < trials.length,
  );
  const test = useTestFigure(sweep);
  const chips = best
    ? Object.entries(best.settings).map((entry) => settingsText(Object.fromEntries([entry])))
    : [];
  return (
    <>
      <Figures
        label="Best trial"
        figures={[
          {
            label: best ? `Trial ${best.number}: ${metricLabel(metric)}` : metricLabel(metric),
            value: fixed(best?.value?.mean, metricDecimals(metric)),
            detail: best ? bestDetail(sweep) : undefined,
          },
          ...test,
          { label: 'Trials done', value: `${done} of ${trials.length}` },
          ...(left === null
            ? []
            : [{ label: 'Time left', value: left, detail: 'with the runs before it in the queue' }]),
        ]}
      />
      {chips.length > 0 && (
        <ul className="chips sweep-chips" aria-label="Best settings">
          {chips.map((text) => (
            <li key={text}>
              <Chip>{text}</Chip>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The deviation over seeds, or among how many trials it is the best. */
function bestDetail({ best, spec, done, trials }: SweepPage): string {
  const std = best?.value?.std ?? null;
  if (std !== null) return `± ${fixed(std, metricDecimals(spec.sweep.metric))} over seeds`;
  return done < trials.length ? 'best so far' : `best of ${trials.length}`;
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
  return [
    {
      label: `${metricLabel(test.metric)} on the test items`,
      value: fixed(test.mean, decimals),
      detail: test.std === null ? rangeText(data?.interval) : `± ${fixed(test.std, decimals)}`,
      title: data?.interval && single ? '95 % interval over the test users' : undefined,
    },
  ];
}
