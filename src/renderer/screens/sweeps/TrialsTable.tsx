import { useMemo } from 'react';
import { metricDecimals, metricLabel, trialDirection } from '../../../core/api/metrics.ts';
import { type SweepPage, type SweepTrial, settingsText, valuesText } from '../../../core/api/studies.ts';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { settingColumn } from '../../components/schema.ts';
import { Table } from '../../components/Table.tsx';
import { StatusMark, statusText } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { goTo, routeLink } from '../../state/navigation.ts';

/** Every trial, the best first unless another order is chosen. */
export function TrialsTable({ sweep }: { sweep: SweepPage }) {
  const columns = useMemo(() => trialColumns(sweep), [sweep]);
  return (
    <section className="stack">
      <Table
        title="All trials"
        label="Trials"
        columns={columns}
        rows={sweep.trials}
        lines={14}
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

function trialColumns({ spec, trials, test }: SweepPage): Column<SweepTrial>[] {
  const { metric, vary } = spec.sweep;
  return [
    column('trial', 'Trial', 'text', valuesText, {
      width: 180,
      sortable,
      pinned: true,
      tip: ({ number, settings }) => `Trial ${number}: ${settingsText(settings)}`,
      render: (trial) => <TrialName trial={trial} model={spec.model} name={valuesText(trial)} />,
    }),
    column(
      'metric',
      metric.startsWith('valid/') ? 'Validation' : metricLabel(metric),
      'mean',
      ({ value }) => value,
      {
        width: 132,
        sortable,
        largestFirst: trialDirection(spec.sweep) !== 'lower',
        decimals: metricDecimals(metric),
        render: ({ value, rank }) => (
          <MeanCell
            cell={value ?? undefined}
            decimals={metricDecimals(metric)}
            place={rank === 1 ? 'best' : undefined}
          />
        ),
      },
    ),
    column('test', 'Test', 'metric', ({ rank }) => (rank === 1 ? test?.mean : null), {
      width: 70,
      decimals: metricDecimals(metric),
    }),
    column('epochs', 'Epochs run', 'metric', ({ epochs }) => epochs, {
      width: 84,
      sortable,
      decimals: ({ epochs }) => (Number.isInteger(epochs) ? 0 : 1),
    }),
    column('seconds', 'Time', 'duration', ({ seconds }) => seconds, { sortable }),
    column('status', 'Status', 'text', ({ status }) => (status ? statusText(status) : 'No run'), {
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
    ...vary.map(({ key }) =>
      settingColumn<SweepTrial>(`config:${key}`, key, ({ settings }) => settings[key], trials),
    ),
  ];
}

interface TrialNameProps {
  trial: SweepTrial;
  model: string;
  name: string;
  /** A grid leads the focus itself. */
  tabIndex?: number;
}

/** What a trial is called, as the link to its run. */
export function TrialName({ trial, model, name, tabIndex = -1 }: TrialNameProps) {
  const { runs, rank } = trial;
  const text = rank === 1 ? <strong>{name}</strong> : name;
  return (
    <>
      <RunTile model={model} />
      {runs.length === 0 ? (
        text
      ) : (
        <a className="row-link" href={routeLink(...placeOf(runs))} tabIndex={tabIndex}>
          {text}
        </a>
      )}
    </>
  );
}
