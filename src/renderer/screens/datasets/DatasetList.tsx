import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { LEADERBOARD_METRIC, type Leaderboard } from '../../../core/api/compare.ts';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { EmptyList } from '../../app/EmptyList.tsx';
import { FilePicker } from '../../app/FilePicker.tsx';
import { openSample, SampleButton } from '../../app/SampleButton.tsx';
import { Ago } from '../../components/Ago.tsx';
import { ActionButton } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, type Sort, sortedRows } from '../../components/columns.ts';
import { Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { grouped } from '../../format/format.ts';
import { newRunAction } from '../../new-run/new-run.ts';
import { deleteDataset } from '../../runs/deletion.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { useLeaderboards } from '../../runs/trained-datasets.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { ImportProgress } from './ImportProgress.tsx';

const sortable = true;

/** A data set with what was trained on it, once that is known. */
interface Row extends DatasetSummary {
  board: Leaderboard | undefined;
}

/** A click log has its rows alone for certain; what it does not have is a dash. */
const count = (id: 'users' | 'items' | 'interactions', title: string): Column<Row> =>
  column(
    id,
    title,
    'count',
    ({ clicks, statistics }) =>
      clicks && id !== 'interactions' && statistics[id] === 0 ? null : statistics[id],
    { width: 100, sortable },
  );

const bestOf = ({ board }: Row) => board?.best[0];
const metricOf = ({ board }: Row) => board?.metrics[0] ?? LEADERBOARD_METRIC;

const COLUMNS: readonly Column<Row>[] = [
  column('name', 'Name', 'text', ({ name }) => name, {
    ...{ width: 200, grows: true, sortable, pinned: true },
    render: ({ id, name }) => (
      <a className="row-link" href={routeLink('datasets', [id])} tabIndex={-1} draggable={false}>
        <span className="clip">{name}</span>
      </a>
    ),
  }),
  column('kind', 'Kind', 'text', ({ clicks }) => (clicks ? 'Click log' : 'Interactions'), {
    width: 110,
    sortable,
  }),
  count('users', 'Users'),
  count('items', 'Items'),
  count('interactions', 'Interactions'),
  column('runs', 'Runs', 'count', ({ board }) => board?.runs, { width: 80, sortable, largestFirst: true }),
  column('best', 'Best model', 'text', (row) => modelTitle(bestOf(row)?.model ?? ''), {
    ...{ width: 140, sortable },
    render: (row) => {
      const best = bestOf(row);
      if (!best) return <span className="muted">–</span>;
      return (
        <a className="row-link" href={routeLink('run', [best.id])} title={best.name} tabIndex={-1}>
          <RunTile model={best.model} />
          {modelTitle(best.model)}
        </a>
      );
    },
  }),
  column('test', 'Its test', 'mean', (row) => bestOf(row)?.metrics[metricOf(row)], {
    ...{ width: 150, sortable, largestFirst: true },
    tip: (row) => `Test ${metricLabel(metricOf(row))}; chosen on validation items`,
  }),
  column('metric', 'Metric', 'text', (row) => (bestOf(row) ? metricLabel(metricOf(row)) : ''), { width: 90 }),
  column('createdAt', 'Imported', 'time', ({ createdAt }) => Date.parse(createdAt), {
    ...{ width: 112, sortable, largestFirst: true },
    render: ({ createdAt }) => <Ago time={Date.parse(createdAt)} />,
  }),
];

/** What was trained on each data set, in their order. */
function useRows(datasets: readonly DatasetSummary[]): Row[] {
  const { data: boards } = useLeaderboards(datasets.map(({ name }) => name));
  return useMemo(
    () => datasets.map((dataset) => ({ ...dataset, board: boards?.[dataset.name] })),
    [datasets, boards],
  );
}

const NONE: readonly DatasetSummary[] = [];

/** All data sets, newest first, and the imports under way. */
export function DatasetList() {
  const list = useQuery(api.datasets.list.queryOptions());
  const { data } = list;
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const imports = useLive((state) => state.imports);
  const running = Object.values(imports).filter(({ status }) => status === 'running');
  const all = useRows(data ?? NONE);
  const rows = useMemo(() => sortedRows(all, COLUMNS, sort), [all, sort]);
  const chosen = rows.find(({ id }) => selection.has(id));
  const create = newRunAction({ dataset: chosen?.name });
  const deletion: Action = {
    id: 'datasets.delete',
    label: 'Delete the selected data set',
    short: 'Delete',
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
            {chosen && (
              <>
                <ActionButton action={create} />
                <ActionButton kind="danger" action={deletion} />
              </>
            )}
            <CopyMenu framed what="table" columns={COLUMNS} rows={() => rows} />
            <FilePicker primary />
          </>
        )
      }
    >
      <div className="column tall">
        {running.map((state) => (
          <ImportProgress key={state.id} state={state} />
        ))}
        {data && rows.length === 0 && running.length === 0 && <NoDatasets />}
        {(!data || rows.length > 0) && (
          <Table
            label="Data sets"
            columns={COLUMNS}
            rows={data && rows}
            query={list}
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
    <EmptyList
      kind="dataset"
      title="No data sets yet"
      text="Drop a file or a folder with interactions on the window: who, what, and when. CSV, TSV, JSON lines, Parquet, RecBole files, gzip of these, and the folders of MovieLens, Amazon reviews and KuaiRand are recognised."
    >
      <FilePicker primary />
      <SampleButton />
    </EmptyList>
  );
}
