import { useMemo, useState } from 'react';
import { metricDirection, metricLabel } from '../../../core/api/metrics.ts';
import { settingTitle } from '../../../core/api/models.ts';
import { type SweepPage, type SweepTrial, seedMeanText } from '../../../core/api/studies.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, listSource, type Sort } from '../../components/columns.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { fieldText } from '../../components/schema.ts';
import { durationText, fixed } from '../../format/format.ts';
import { StatusMark, statusText } from '../../runs/RunStatus.tsx';
import { goTo, routeLink } from '../../state/navigation.ts';

type TrialColumn = Column<SweepTrial> & { value(trial: SweepTrial): unknown };

/** Every trial, the best first unless another order is chosen. */
export function TrialsTable({ sweep }: { sweep: SweepPage }) {
  const { trials, spec } = sweep;
  const [sort, setSort] = useState<Sort[]>([]);
  const columns = useMemo(() => trialColumns(spec.sweep), [spec]);
  const rows = useMemo(() => sorted(trials, columns, sort), [trials, columns, sort]);
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>Trials</h2>
        <CopyMenu what="trials" columns={columns} rows={() => rows} />
      </div>
      <div className="sweep-trials" style={{ ['--rows' as string]: Math.min(rows.length, 20) }}>
        <DataTable
          label="Trials"
          columns={columns}
          rows={listSource(rows)}
          rowKey={({ number }) => String(number)}
          sort={sort}
          onSort={setSort}
          onOpen={({ runs }) => runs.length > 0 && goTo(...placeOf(runs))}
        />
      </div>
    </section>
  );
}

/** The run, with those of the other seeds beside it. */
function placeOf(runs: SweepTrial['runs']): Parameters<typeof routeLink> {
  const seeds = runs.map(({ seed, id }) => `${seed}:${id}`).join(',');
  return ['run', [runs[0].id], runs.length > 1 ? { seeds } : {}];
}

function trialColumns({ metric, vary }: SweepPage['spec']['sweep']): TrialColumn[] {
  const column = (
    id: string,
    title: string,
    value: TrialColumn['value'],
    rest: Partial<TrialColumn> & Pick<TrialColumn, 'text'>,
  ): TrialColumn => ({ id, title, value, sortable: true, width: 110, ...rest });
  const values = (trial: SweepTrial) => trial.value?.mean ?? null;
  return [
    column('trial', 'Trial', ({ number }) => number, {
      width: 90,
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
      column(`config:${key}`, settingTitle(key), ({ settings }) => settings[key], {
        numeric: true,
        width: 100,
        text: ({ settings }) => fieldText(settings[key]),
      }),
    ),
    column('metric', metricLabel(metric), values, {
      numeric: true,
      width: 140,
      largestFirst: metricDirection(metric) !== 'lower',
      text: ({ value }) => seedMeanText(value, metric),
      render: ({ value, rank }) => {
        const text = seedMeanText(value, metric);
        return rank === 1 ? <strong>{text}</strong> : text;
      },
    }),
    column('epochs', 'Epochs run', ({ epochs }) => epochs, {
      numeric: true,
      width: 90,
      text: ({ epochs }) => fixed(epochs, Number.isInteger(epochs) ? 0 : 1),
    }),
    column('seconds', 'Time', ({ seconds }) => seconds, {
      numeric: true,
      text: ({ seconds }) => durationText(seconds),
    }),
    column('status', 'Status', ({ status }) => status, {
      grows: true,
      width: 110,
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

/** What is missing comes last whichever way it is sorted. */
function sorted(
  trials: readonly SweepTrial[],
  columns: readonly TrialColumn[],
  [key]: readonly Sort[],
): readonly SweepTrial[] {
  const column = columns.find(({ id }) => id === key?.field);
  if (!column || !key) return trials;
  const sign = key.descending ? -1 : 1;
  return trials.toSorted((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a == null || b == null) return Number(a == null) - Number(b == null);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * fieldText(a).localeCompare(fieldText(b));
  });
}
