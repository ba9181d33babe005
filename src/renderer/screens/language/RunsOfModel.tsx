import type { RunOfModel } from '../../../core/api/language.ts';
import { column } from '../../components/columns.ts';
import { Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { StatusMark, statusText } from '../../runs/RunStatus.tsx';
import type { Query } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

const COLUMNS = [
  column<RunOfModel>('run', 'Run', 'text', ({ title }) => title, {
    grows: true,
    render: ({ id, title, name }) => (
      <a href={routeLink('run', [id])} title={name}>
        {title}
      </a>
    ),
  }),
  column<RunOfModel>('dataset', 'Data set', 'text', ({ dataset }) => dataset, { width: 120 }),
  column<RunOfModel>('status', 'Status', 'text', ({ status }) => statusText(status), {
    width: 110,
    render: ({ status }) => <StatusMark status={status} />,
  }),
  column<RunOfModel>('metric', 'Metric', 'text', ({ result }) => result?.label, { width: 96 }),
  column<RunOfModel>(
    'value',
    'Test, 95 %',
    'estimate',
    ({ result }) => result && { estimate: result.value, interval: result.interval },
    { decimals: ({ result }) => result?.decimals ?? 4 },
  ),
  column<RunOfModel>('time', 'Time', 'duration', ({ seconds }) => seconds),
  column<RunOfModel>('stages', '', 'none', () => null, {
    width: 80,
    head: <span className="visually-hidden">Its stages</span>,
    render: ({ id, status }) =>
      status === 'completed' && (
        <a className="block text-end" href={routeLink('language', ['stages', id])}>
          Stages
        </a>
      ),
  }),
];

/** What has been trained from a pretrained model, however far from it. */
export function RunsOfModel({ query }: { query: Query<RunOfModel[]> }) {
  return (
    <section className="stack gap-1" aria-label="Runs from it">
      {query.data === undefined ? (
        <>
          <h2>Runs from it</h2>
          <Missing query={query} />
        </>
      ) : query.data.length === 0 ? (
        <>
          <h2>Runs from it</h2>
          <p className="muted">None yet: its uses above begin one.</p>
        </>
      ) : (
        <Table title="Runs from it" columns={COLUMNS} rows={query.data} rowKey={({ id }) => id} />
      )}
    </section>
  );
}
