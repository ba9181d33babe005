import type { PlanEvent } from '../../../core/api/plans.ts';
import { column } from '../../components/columns.ts';
import { Answer } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { clockText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

const COLUMNS = [
  column<PlanEvent>('time', 'Time', 'text', ({ time }) => clockText(time), { width: 192 }),
  column<PlanEvent>('place', 'Where', 'text', ({ place }) => place ?? 'this machine', {
    width: 120,
    render: ({ place }) => <span className="muted">{place ?? 'this machine'}</span>,
  }),
  column<PlanEvent>('what', 'What', 'text', ({ text }) => text, {
    width: 720,
    render: ({ text, run, model, isBad }) =>
      run === null ? (
        text
      ) : (
        <a className={`row-link row regular ${isBad ? 'bad' : ''}`} href={routeLink('run', [run])}>
          {model !== null && <RunTile model={model} />}
          <span className="breaks">{text}</span>
        </a>
      ),
  }),
];

/** What has happened of a plan, last first. */
export function LogView({ plan }: { plan: string }) {
  const query = useKeptQuery(api.plans.log.queryOptions({ input: { plan } }));
  return (
    <Answer query={query}>
      {(events) => (
        <div className="flow wide-tables">
          <Table
            label="Log of the plan"
            columns={COLUMNS}
            rows={events}
            empty={<p className="muted">Nothing of this plan has begun yet.</p>}
          />
        </div>
      )}
    </Answer>
  );
}
