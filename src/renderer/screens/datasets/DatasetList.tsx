import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { FilePicker } from '../../app/FilePicker.tsx';
import { openSample, SampleButton } from '../../app/SampleButton.tsx';
import { Ago } from '../../components/Ago.tsx';
import { ActionButton } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, type Sort, sortedRows } from '../../components/columns.ts';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { grouped } from '../../format/format.ts';
import { newRunAction } from '../../new-run/new-run.ts';
import { deleteDataset } from '../../runs/deletion.tsx';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { goTo } from '../../state/navigation.ts';
import { ImportProgress } from './ImportProgress.tsx';

const sortable = true;

/** A click log has its rows alone for certain; what it does not have is a dash. */
const figure = (
  id: string,
  title: string,
  kind: 'count' | 'metric' | 'percent',
  value: (statistics: DatasetSummary['statistics']) => number,
  decimals?: number,
): Column<DatasetSummary> =>
  column(
    id,
    title,
    kind,
    ({ clicks, statistics }: DatasetSummary) => {
      const figure = value(statistics);
      return clicks && id !== 'interactions' && figure === 0 ? null : figure;
    },
    { width: 100, sortable, decimals },
  );

const COLUMNS: readonly Column<DatasetSummary>[] = [
  column('name', 'Name', 'text', ({ name }) => name, { width: 200, sortable }),
  column('kind', 'Kind', 'text', ({ clicks }) => (clicks ? 'Click log' : 'Interactions'), {
    width: 110,
    sortable,
  }),
  figure('users', 'Users', 'count', ({ users }) => users),
  figure('items', 'Items', 'count', ({ items }) => items),
  figure('interactions', 'Interactions', 'count', ({ interactions }) => interactions),
  figure('density', 'Density', 'percent', ({ density }) => density, 3),
  figure('length', 'Mean length', 'metric', ({ sequenceLength }) => sequenceLength.mean, 1),
  figure('cold', 'Cold items', 'count', ({ coldItems }) => coldItems),
  column('createdAt', 'Imported', 'time', ({ createdAt }) => Date.parse(createdAt), {
    sortable,
    largestFirst: true,
    render: ({ createdAt }) => <Ago time={Date.parse(createdAt)} />,
  }),
  column('fingerprint', 'Fingerprint', 'text', ({ fingerprint }) => fingerprint, {
    width: 140,
    render: ({ fingerprint }) => <span className="mono">{fingerprint.slice(0, 12)}</span>,
  }),
];

/** All data sets, newest first, and the imports under way. */
export function DatasetList() {
  const { data, error, refetch } = useQuery(api.datasets.list.queryOptions());
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const imports = useLive((state) => state.imports);
  const running = Object.values(imports).filter(({ status }) => status === 'running');
  const rows = useMemo(() => sortedRows(data ?? [], COLUMNS, sort), [data, sort]);
  const chosen = rows.find(({ id }) => selection.has(id));
  const create = newRunAction({ dataset: chosen?.name });
  const deletion: Action = {
    id: 'datasets.delete',
    label: 'Delete the selected data set',
    group: 'Edit',
    shortcut: 'Delete',
    enabled: () => chosen !== undefined,
    perform: () => chosen && void deleteDataset(chosen.id, chosen.name),
  };
  useRegisteredActions([
    deletion,
    {
      id: 'datasets.sample',
      label: 'Open the sample data set',
      group: 'File',
      perform: async () => {
        await openSample();
      },
    },
    create,
  ]);
  return (
    <Screen
      title="Data sets"
      aside={<span className="muted">{data && data.length > 0 ? grouped(data.length) : ''}</span>}
      actions={
        rows.length > 0 && (
          <>
            <ActionButton action={{ ...create, enabled: deletion.enabled }}>New run</ActionButton>
            <ActionButton kind="danger" action={deletion}>
              Delete
            </ActionButton>
            <CopyMenu framed what="table" columns={COLUMNS} rows={() => rows} />
            <FilePicker primary />
          </>
        )
      }
    >
      <div className="datasets-list">
        {running.map((state) => (
          <ImportProgress key={state.id} state={state} />
        ))}
        {error && <Problem query={{ error, refetch }} />}
        {data && rows.length === 0 && running.length === 0 && <NoDatasets />}
        {rows.length > 0 && (
          <Table
            label="Data sets"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ id }) => id}
            selection={selection}
            onSelect={(keys) => setSelection(new Set([...keys].slice(-1)))}
            onOpen={({ id }) => goTo('datasets', [id])}
            sort={sort}
            onSort={setSort}
          />
        )}
      </div>
    </Screen>
  );
}

function NoDatasets() {
  return (
    <EmptyState
      title="No data sets yet"
      text="Drop a file or a folder with interactions on the window: who, what, and when. CSV, TSV, JSON lines, Parquet, RecBole files, gzip of these, and the folders of MovieLens, Amazon reviews and KuaiRand are recognised."
    >
      <div className="button-row">
        <FilePicker primary />
        <SampleButton />
      </div>
    </EmptyState>
  );
}
