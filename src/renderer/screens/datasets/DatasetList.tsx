import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Ago } from '../../components/Ago.tsx';
import { ActionButton } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, listSource, numeric, type Sort } from '../../components/columns.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { FilePicker } from '../../components/FilePicker.tsx';
import { Problem } from '../../components/Problem.tsx';
import { openSample, SampleButton } from '../../components/SampleButton.tsx';
import { Screen } from '../../components/Screen.tsx';
import { grouped, timeText } from '../../format/format.ts';
import { newRunAction } from '../../new-run/new-run.ts';
import { deleteDataset } from '../../runs/deletion.tsx';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { goTo } from '../../state/navigation.ts';
import { ImportProgress } from './ImportProgress.tsx';

interface SortableColumn extends Column<DatasetSummary> {
  value(dataset: DatasetSummary): number | string;
}

/** A click log has its rows alone for certain; what it does not have is a dash. */
const figure = (
  id: string,
  title: string,
  value: (statistics: DatasetSummary['statistics']) => number,
  text: (value: number) => string = grouped,
): SortableColumn => {
  const cell = ({ clicks, statistics }: DatasetSummary) =>
    clicks && id !== 'interactions' && value(statistics) === 0 ? '–' : text(value(statistics));
  return {
    ...numeric(id, title, cell, { width: 100, sortable: true }),
    value: ({ statistics }) => value(statistics),
  };
};

const word = (id: string, title: string, width: number, text: (dataset: DatasetSummary) => string) => ({
  ...column(id, title, text, { width, sortable: true }),
  value: text,
});

const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
const oneDecimal = (value: number) => value.toFixed(1);

const COLUMNS: readonly SortableColumn[] = [
  word('name', 'Name', 200, ({ name }) => name),
  word('kind', 'Kind', 110, ({ clicks }) => (clicks ? 'Click log' : 'Interactions')),
  figure('users', 'Users', ({ users }) => users),
  figure('items', 'Items', ({ items }) => items),
  figure('interactions', 'Interactions', ({ interactions }) => interactions),
  figure('density', 'Density', ({ density }) => density, percent),
  figure('length', 'Mean length', ({ sequenceLength }) => sequenceLength.mean, oneDecimal),
  figure('cold', 'Cold items', ({ coldItems }) => coldItems),
  {
    ...word('createdAt', 'Imported', 96, ({ createdAt }) => timeText(Date.parse(createdAt))),
    render: ({ createdAt }) => <Ago time={Date.parse(createdAt)} />,
    value: ({ createdAt }) => createdAt,
  },
  {
    ...word('fingerprint', 'Fingerprint', 140, ({ fingerprint }) => fingerprint.slice(0, 12)),
    sortable: false,
    render: ({ fingerprint }) => <span className="mono">{fingerprint.slice(0, 12)}</span>,
  },
];

function sorted(datasets: readonly DatasetSummary[], [key]: readonly Sort[]): readonly DatasetSummary[] {
  const column = COLUMNS.find(({ id }) => id === key?.field);
  if (!column) return datasets;
  const way = key.descending ? -1 : 1;
  const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);
  return datasets.toSorted((a, b) => way * compare(column.value(a), column.value(b)));
}

/** All data sets, newest first, and the imports under way. */
export function DatasetList() {
  const { data, error, refetch } = useQuery(api.datasets.list.queryOptions());
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const imports = useLive((state) => state.imports);
  const running = Object.values(imports).filter(({ status }) => status === 'running');
  const rows = useMemo(() => sorted(data ?? [], sort), [data, sort]);
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
          <DataTable
            label="Data sets"
            columns={COLUMNS}
            rows={listSource(rows)}
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
