import { useMemo } from 'react';
import type { RunPage, RunRecord } from '../../../core/api/runs.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { labelOf } from '../../components/schema.ts';
import { durationText, fixed, grouped, timeText } from '../../format/format.ts';
import { type MeasureRow, measureTable } from './measures.ts';

/** The final metrics, cut-offs side by side, and the circumstances of the run. */
export function ResultsTab({ page: { run, annotations } }: { page: RunPage }) {
  const table = useMemo(() => measureTable(run.metrics), [run.metrics]);
  const columns: Column<MeasureRow>[] = [
    column('measure', 'Metric', ({ title }) => title),
    ...table.columns.map(
      (cutoff): Column<MeasureRow> =>
        numeric(cutoff, cutoff === '' ? 'All ranks' : `@${cutoff}`, ({ values, decimals }) =>
          cutoff in values ? fixed(values[cutoff], decimals) : '',
        ),
    ),
  ];
  return (
    <div className="run-columns">
      <section className="stack">
        <div className="chart-head">
          <h2>Metrics</h2>
          {table.rows.length > 0 && <CopyMenu columns={columns} rows={() => table.rows} />}
        </div>
        {table.rows.length > 0 ? (
          <StaticTable label="Metrics" columns={columns} rows={table.rows} rowKey={({ title }) => title} />
        ) : (
          <EmptyState title="No results yet">
            <p>
              They are there once the run has completed. Until then the curves show the validation metrics.
            </p>
          </EmptyState>
        )}
      </section>
      <section className="stack">
        {annotations.tags.length > 0 && <p>Tags: {annotations.tags.join(', ')}</p>}
        {annotations.notes !== '' && <p className="run-notes">{annotations.notes}</p>}
        {factGroups(run).map(([title, facts]) => (
          <FactList key={title} title={title} facts={facts} />
        ))}
      </section>
    </div>
  );
}

type Fact = [term: string, value: string];

function FactList({ title, facts }: { title: string; facts: Fact[] }) {
  return (
    <>
      <h2>{title}</h2>
      <dl className="facts">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function factGroups(run: RunRecord): [title: string, facts: Fact[]][] {
  const { environment, protocol, protocolFingerprint } = run;
  const protocolFacts = Object.entries(protocol ?? {}).filter(([key]) => key !== 'dataset');
  const groups: [string, Fact[]][] = [
    ['Run', runFacts(run)],
    [
      'Protocol',
      [
        ...(protocolFingerprint === null ? [] : [['Fingerprint', protocolFingerprint] satisfies Fact]),
        ...protocolFacts.map(factOf),
      ],
    ],
    ['Environment', [['Version', run.codeVersion], ...Object.entries(environment ?? {}).map(factOf)]],
    ['Why this device', deviceFacts(run)],
  ];
  return groups.filter(([, facts]) => facts.length > 0);
}

function factOf([key, value]: [string, unknown]): Fact {
  return [labelOf(key), Array.isArray(value) ? value.join(', ') : String(value)];
}

/** The reason of an automatic choice names every device passed over, "not cuda (…); not webgpu (…)"; each gets a line. */
function deviceFacts({ device, deviceReason }: RunRecord): Fact[] {
  if (device === null || !deviceReason) return [];
  if (!deviceReason.startsWith('not ')) return [[device, deviceReason]];
  return deviceReason.split(/; (?=not \S+ \()/).map((part): Fact => {
    const [, other, why] = /^not (\S+) \((.*)\)$/s.exec(part) ?? [part, '', part];
    return [`Not ${other}`, why];
  });
}

function runFacts(run: RunRecord): Fact[] {
  const selected = run.selectedEpoch === null ? '' : `, tested epoch ${run.selectedEpoch}`;
  const all: [string, string | null][] = [
    ['Id', run.id],
    ['Model', run.model],
    ['Data set', run.dataset.name],
    ['Data fingerprint', run.dataset.fingerprint.slice(0, 12)],
    ['Seed', String(run.seed)],
    ['Device', run.device ?? run.requestedDevice],
    ['Threads', String(run.threads)],
    ['Parameters', run.parameters === null ? null : grouped(run.parameters)],
    ['Epochs', run.epochs === null ? null : `${run.epochs}${selected}`],
    ['Time', run.seconds === null ? null : durationText(run.seconds)],
    ['Created', timeText(run.createdAt)],
    ['Started', run.startedAt === null ? null : timeText(run.startedAt)],
    ['Ended', run.endedAt === null ? null : timeText(run.endedAt)],
    ['Evaluates', run.evaluates?.name ?? null],
  ];
  return all.filter((fact): fact is Fact => fact[1] !== null);
}
