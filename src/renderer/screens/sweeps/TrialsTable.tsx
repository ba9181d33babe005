import { useMemo } from 'react';
import { metricDirection, metricLabel } from '../../../core/api/metrics.ts';
import { type SweepPage, type SweepTrial, seedMeanText } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { settingColumn } from '../../components/schema.ts';
import { Table } from '../../components/Table.tsx';
import { StatusMark, statusText } from '../../runs/RunStatus.tsx';
import { goTo, routeLink } from '../../state/navigation.ts';

/** Every trial, the best first unless another order is chosen. */
export function TrialsTable({ sweep: { trials, spec } }: { sweep: SweepPage }) {
  const columns = useMemo(() => trialColumns(spec.sweep, trials), [spec, trials]);
  return (
    <section className="stack">
      <Table
        title="Trials"
        columns={columns}
        rows={trials}
        lines={20}
        rowKey={({ number }) => String(number)}
        onOpen={({ runs }) => runs.length > 0 && goTo(...placeOf(runs))}
      />
    </section>
  );
}

/** The run, with those of the other seeds beside it. */
function placeOf(runs: SweepTrial['runs']): Parameters<typeof routeLink> {
  const seeds = runs.map(({ seed, id }) => `${seed}:${id}`).join(',');
  return ['run', [runs[0].id], runs.length > 1 ? { seeds } : {}];
}

const sortable = true;

function trialColumns(
  { metric, vary }: SweepPage['spec']['sweep'],
  trials: readonly SweepTrial[],
): Column<SweepTrial>[] {
  return [
    column('trial', 'Trial', 'number', ({ number }) => number, {
      width: 90,
      sortable,
      text: ({ number }) => `Trial ${number}`,
      render: ({ number, runs, rank }) => {
        const text = rank === 1 ? <strong>Trial {number}</strong> : `Trial ${number}`;
        if (runs.length === 0) return text;
        return (
          <a className="row-link" href={routeLink(...placeOf(runs))} tabIndex={-1}>
            {text}
          </a>
        );
      },
    }),
    ...vary.map(({ key }) =>
      settingColumn<SweepTrial>(`config:${key}`, key, ({ settings }) => settings[key], trials),
    ),
    column('metric', metricLabel(metric), 'mean', ({ value }) => value, {
      sortable,
      largestFirst: metricDirection(metric) !== 'lower',
      text: ({ value }) => seedMeanText(value, metric),
      render: ({ value, rank }) => {
        const text = seedMeanText(value, metric);
        return rank === 1 ? <strong>{text}</strong> : text;
      },
    }),
    column('epochs', 'Epochs run', 'metric', ({ epochs }) => epochs, {
      width: 90,
      sortable,
      decimals: ({ epochs }) => (Number.isInteger(epochs) ? 0 : 1),
    }),
    column('seconds', 'Time', 'duration', ({ seconds }) => seconds, { sortable }),
    column('status', 'Status', 'text', ({ status }) => (status ? statusText(status) : 'No run'), {
      grows: true,
      sortable,
      text: ({ status, message }) =>
        [status ? statusText(status) : 'No run', message].filter(Boolean).join(': '),
      render: ({ status, message }) =>
        status ? (
          <span title={message ?? undefined}>
            <StatusMark status={status} />
          </span>
        ) : (
          'No run'
        ),
    }),
  ];
}
