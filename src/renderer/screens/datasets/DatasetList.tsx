import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import type { Column, Sort } from '../../components/columns.ts';
import { copyChoices } from '../../components/copy.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Menu } from '../../components/Menu.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Screen } from '../../components/Screen.tsx';
import { grouped, timeText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { goTo } from '../../state/navigation.ts';
import { DeleteDatasetDialog } from './DeleteDatasetDialog.tsx';
import { FilePicker, importSample } from './FilePicker.tsx';
import { ImportProgress } from './ImportProgress.tsx';

interface SortableColumn extends Column<DatasetSummary> {
  value(dataset: DatasetSummary): number | string;
}

const number = (
  id: string,
  title: string,
  value: (statistics: DatasetSummary['statistics']) => number,
  text: (value: number) => string = grouped,
): SortableColumn => ({
  id,
  title,
  width: 100,
  numeric: true,
  sortable: true,
  value: ({ statistics }) => value(statistics),
  text: ({ statistics }) => text(value(statistics)),
});

const COLUMNS: readonly SortableColumn[] = [
  {
    id: 'name',
    title: 'Name',
    width: 200,
    sortable: true,
    value: ({ name }) => name,
    text: ({ name }) => name,
  },
  {
    id: 'kind',
    title: 'Kind',
    width: 110,
    sortable: true,
    value: ({ clicks }) => (clicks ? 'Click log' : 'Interactions'),
    text: ({ clicks }) => (clicks ? 'Click log' : 'Interactions'),
  },
  number('users', 'Users', ({ users }) => users),
  number('items', 'Items', ({ items }) => items),
  number('interactions', 'Interactions', ({ interactions }) => interactions),
  number(
    'density',
    'Density',
    ({ density }) => density,
    (value) => `${(100 * value).toFixed(3)} %`,
  ),
  number(
    'length',
    'Mean length',
    ({ sequenceLength }) => sequenceLength.mean,
    (value) => value.toFixed(1),
  ),
  number('cold', 'Cold items', ({ coldItems }) => coldItems),
  {
    id: 'createdAt',
    title: 'Imported',
    width: 140,
    sortable: true,
    value: ({ createdAt }) => createdAt,
    text: ({ createdAt }) => timeText(Date.parse(createdAt)),
  },
  {
    id: 'fingerprint',
    title: 'Fingerprint',
    width: 140,
    value: ({ fingerprint }) => fingerprint,
    text: ({ fingerprint }) => fingerprint.slice(0, 12),
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
  const [deleting, setDeleting] = useState<string | null>(null);
  const imports = useLive((state) => state.imports);
  const running = Object.values(imports).filter(({ status }) => status === 'running');
  const rows = useMemo(() => sorted(data ?? [], sort), [data, sort]);
  const chosen = rows.find(({ id }) => selection.has(id));
  const actions = useMemo((): Action[] => {
    const one = { group: 'Edit', enabled: () => chosen !== undefined } as const;
    return [
      {
        ...one,
        id: 'datasets.delete',
        label: 'Delete the selected data set',
        shortcut: 'Delete',
        perform: () => setDeleting(chosen?.id ?? null),
      },
      { id: 'datasets.sample', label: 'Import the sample data set', group: 'File', perform: importSample },
      {
        id: 'run.new',
        label: 'New run',
        group: 'Run',
        shortcut: 'n',
        keywords: 'train start model',
        perform: () => openNewRun({ dataset: chosen?.name }),
      },
    ];
  }, [chosen]);
  useRegisteredActions(actions);
  return (
    <Screen
      title="Data sets"
      aside={<span className="muted">{data && data.length > 0 ? grouped(data.length) : ''}</span>}
      actions={
        rows.length > 0 && (
          <>
            <Button disabled={!chosen} onClick={() => openNewRun({ dataset: chosen?.name })}>
              New run
            </Button>
            <Button kind="danger" disabled={!chosen} onClick={() => setDeleting(chosen?.id ?? null)}>
              Delete
            </Button>
            <Menu trigger={<Button>Copy</Button>} choices={copyChoices(COLUMNS, () => rows)} />
            <FilePicker />
          </>
        )
      }
    >
      <div className="datasets-list">
        {running.map((state) => (
          <ImportProgress key={state.id} state={state} />
        ))}
        {error && <Problem error={error} onRetry={() => void refetch()} />}
        {data && rows.length === 0 && running.length === 0 && <NoDatasets />}
        {rows.length > 0 && (
          <DataTable
            label="Data sets"
            columns={COLUMNS}
            total={rows.length}
            row={(index) => rows[index]}
            rowKey={({ id }) => id}
            selection={selection}
            onSelect={(keys) => setSelection(new Set([...keys].slice(-1)))}
            onOpen={({ id }) => goTo('datasets', [id])}
            sort={sort}
            onSort={setSort}
          />
        )}
      </div>
      {deleting && <DeleteDatasetDialog dataset={deleting} onClose={() => setDeleting(null)} />}
    </Screen>
  );
}

function NoDatasets() {
  return (
    <EmptyState title="No data sets yet">
      <p>
        Drop a file or a folder with interactions on the window: who, what, and when. CSV, TSV, JSON lines,
        Parquet, RecBole files, gzip of these, and the folders of MovieLens, Amazon reviews and KuaiRand are
        recognised.
      </p>
      <div className="button-row">
        <FilePicker primary />
        <Button onClick={() => void importSample()}>Use the sample data set</Button>
      </div>
    </EmptyState>
  );
}
