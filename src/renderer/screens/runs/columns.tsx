import type { RunTableRow } from '../../../core/api/runs.ts';
import type { Column } from '../../components/data-table-types.ts';
import { durationText, grouped, metricText, metricTitle, timeText } from '../../format/format.ts';
import { useLive } from '../../state/events.ts';

/** The columns of the table of runs, with one for each metric. Ids are the fields the database sorts by. */
export function runColumns(metrics: readonly string[]): Column<RunTableRow>[] {
  const text = (row: RunTableRow) => row.status;
  return [
    { id: 'name', title: 'Name', width: 240, sortable: true, text: nameText },
    {
      id: 'status',
      title: 'Status',
      width: 130,
      sortable: true,
      text,
      render: (row) => <Status row={row} />,
    },
    { id: 'model', title: 'Model', width: 100, sortable: true, text: (row) => row.model },
    { id: 'dataset', title: 'Data set', width: 130, sortable: true, text: (row) => row.dataset.name },
    { id: 'seed', title: 'Seeds', width: 70, numeric: true, text: seedsText },
    ...metrics.map(
      (metric): Column<RunTableRow> => ({
        id: metric,
        title: metricTitle(metric),
        width: 170,
        numeric: true,
        sortable: true,
        text: (row) => metricText(row.metrics[metric]),
      }),
    ),
    {
      id: 'epochs',
      title: 'Epochs',
      width: 70,
      numeric: true,
      sortable: true,
      text: (row) => grouped(row.epochs),
    },
    {
      id: 'seconds',
      title: 'Time',
      width: 100,
      numeric: true,
      sortable: true,
      text: (row) => durationText(row.seconds),
    },
    { id: 'tags', title: 'Tags', width: 120, sortable: true, text: (row) => row.tags.join(', ') },
    { id: 'createdAt', title: 'Created', width: 140, sortable: true, text: (row) => timeText(row.createdAt) },
  ];
}

function nameText({ name, starred, runs }: RunTableRow): string {
  const folded = runs.length > 1 ? name.replace(/-seed\d+(-\d+)?$/, '') : name;
  return starred ? `★ ${folded}` : folded;
}

function seedsText({ runs }: RunTableRow): string {
  return runs.length > 1 ? `${runs.length} seeds` : String(runs[0].seed);
}

/** The status, and while a run trains how far it is. */
function Status({ row }: { row: RunTableRow }) {
  const running = row.runs.find(({ status }) => status === 'running');
  const progress = useLive((state) => (running ? state.progress[running.id] : undefined));
  const text =
    running && progress
      ? `${progress.phase} ${progress.epoch}/${progress.epochs}`
      : row.status.replaceAll('-', ' ');
  return (
    <span className="status" data-status={row.status} title={row.message ?? undefined}>
      {text}
    </span>
  );
}
