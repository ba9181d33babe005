import { ChartSpline, SlidersHorizontal } from 'lucide-react';
import { metricDirection } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import type { MetricCell, RunTableRow } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { Ago } from '../../components/Ago.tsx';
import type { Column } from '../../components/columns.ts';
import { Icon } from '../../components/Icon.tsx';
import { Chip } from '../../components/lists.tsx';
import { MiddleText } from '../../components/MiddleText.tsx';
import { fieldText } from '../../components/schema.ts';
import {
  countText,
  durationText,
  fixed,
  grouped,
  meanText,
  metricText,
  timeText,
} from '../../format/format.ts';
import type { Place } from '../../runs/best-values.ts';
import { InlineName } from '../../runs/InlineName.tsx';
import { useMainCurve } from '../../runs/main-curve.ts';
import { RunStatus, statusText } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';
import { fieldTitle } from './fields.ts';
import { lineKey, type RunLine } from './use-run-lines.ts';

type RunColumn = Omit<Column<RunLine>, 'id' | 'title'>;

const sortable = true;
const numeric = true;

const COLUMNS: Record<string, RunColumn> = {
  status: {
    width: 130,
    sortable,
    text: (row) => statusText(row.status),
    render: (row) => (
      <RunStatus
        status={row.status}
        run={row.runs.find(({ status }) => status === 'running')?.id}
        message={row.message}
      />
    ),
  },
  dataset: { width: 120, sortable, text: (row) => row.dataset.name },
  project: { width: 120, sortable, text: (row) => row.project ?? '–' },
  seed: { width: 96, numeric, sortable, text: seedsText },
  curve: { width: 96, text: () => '', render: (row) => <CurveCell row={row} /> },
  device: { width: 80, sortable, text: (row) => row.device ?? row.requestedDevice },
  parameters: { width: 100, numeric, sortable, text: (row) => grouped(row.parameters) },
  epochs: { width: 70, numeric, sortable, text: (row) => grouped(row.epochs) },
  seconds: { width: 100, numeric, sortable, text: (row) => durationText(row.seconds) },
  tags: {
    width: 150,
    sortable,
    text: (row) => row.tags.join(', '),
    render: (row) => row.tags.map((tag) => <Chip key={tag}>{tag}</Chip>),
  },
  notes: { width: 200, text: (row) => row.notes.replaceAll(/\s+/g, ' ') },
  createdAt: timeColumn(({ createdAt }) => createdAt),
  endedAt: timeColumn(({ endedAt }) => endedAt),
  protocol: {
    width: 120,
    sortable,
    text: (row) => row.protocolFingerprint ?? '–',
    render: (row) => <span className="mono">{row.protocolFingerprint ?? '–'}</span>,
  },
};

const CURVE = { width: 76, height: 24 };

/** Of a folded row the curve of what trains, else of its newest run; a study has too many kinds of runs for one. */
function CurveCell({ row: { id, runs, model, study } }: { row: RunLine }) {
  const run = runs.find(({ status }) => status === 'running')?.id ?? id;
  const curve = useMainCurve(run, CURVE.width);
  const theme = useTheme((state) => state.theme);
  if (study || !curve) return <span className="muted">–</span>;
  const { title, values, best, isLoss } = curve;
  const label = `${title} by step, ${isLoss ? 'last' : 'best'} ${fixed(best, 4)}`;
  return <Sparkline label={label} values={values} colour={modelColour(model, theme)} {...CURVE} />;
}

/** How long ago; the time itself is what is copied and shown at the pointer. */
function timeColumn(time: (row: RunLine) => number | null): RunColumn {
  return {
    width: 96,
    numeric,
    sortable,
    largestFirst: true,
    text: (row) => timeText(time(row)),
    render: (row) => <Ago time={time(row)} />,
  };
}

export interface NameCells {
  /** Key of the line whose name is being changed. */
  renaming: string | null;
  onRenamed(row: RunLine, name: string | null): void;
  place(row: RunTableRow, metric: string): Place | undefined;
}

/** The check box, and the fields as columns; their ids are what the database sorts by. */
export function runColumns(fields: readonly string[], cells: NameCells): Column<RunLine>[] {
  return [
    CHECK_COLUMN,
    ...fields.flatMap((id): Column<RunLine>[] => {
      const title = fieldTitle(id);
      if (id === 'name') return [nameColumn(cells)];
      if (id === 'model') return [modelColumn];
      if (id.startsWith('metric:')) return [metricColumn(id, cells)];
      if (id.startsWith('config:')) return [configColumn(id)];
      return Object.hasOwn(COLUMNS, id) ? [{ id, title, ...COLUMNS[id] }] : [];
    }),
  ];
}

/** The columns whose text is worth a copy. */
export function copiedColumns(columns: readonly Column<RunLine>[]): Column<RunLine>[] {
  return columns.filter(({ id, titleHidden }) => !titleHidden && id !== 'curve');
}

const CHECK_COLUMN: Column<RunLine> = {
  id: 'select',
  title: 'Selected',
  titleHidden: true,
  width: 48,
  pinned: true,
  text: () => '',
  // The grid takes the click and the keyboard.
  render: (row, selected) => (
    <input
      type="checkbox"
      className="row-check"
      tabIndex={-1}
      aria-label={`Select ${row.name}`}
      checked={selected}
      readOnly
      onFocus={(event) => event.currentTarget.closest<HTMLElement>('.table')?.focus()}
    />
  ),
};

function nameColumn({ renaming, onRenamed }: NameCells): Column<RunLine> {
  return {
    id: 'name',
    title: 'Name',
    width: 228,
    grows: true,
    sortable,
    tree: true,
    pinned: true,
    text: nameText,
    render: (row) =>
      renaming === lineKey(row) ? (
        <InlineName name={row.name} label="Name of the run" onDone={(name) => onRenamed(row, name)} />
      ) : (
        <a
          className="row-link"
          href={routeLink(...placeOf(row))}
          aria-label={nameText(row)}
          tabIndex={-1}
          draggable={false}
        >
          {row.study ? (
            <Icon of={row.study.kind === 'sweep' ? SlidersHorizontal : ChartSpline} />
          ) : row.fold ? (
            <span className="run-tile" />
          ) : (
            <RunTile model={row.model} />
          )}
          <MiddleText text={nameText(row)} />
        </a>
      ),
  };
}

const modelColumn: Column<RunLine> = {
  id: 'model',
  title: fieldTitle('model'),
  width: 142,
  sortable,
  text: (row) => modelTitle(row.model),
};

function metricColumn(id: string, { place }: NameCells): Column<RunLine> {
  const metric = id.slice('metric:'.length);
  return {
    id,
    title: fieldTitle(id),
    width: 148,
    numeric,
    sortable,
    spread: true,
    largestFirst: metricDirection(metric) !== 'lower',
    text: (row) => metricText(row.metrics[metric]) + sampleText(row.metrics[metric]),
    render: (row) => (
      <MetricCellText cell={row.metrics[metric]} place={row.fold ? undefined : place(row, metric)} />
    ),
  };
}

function sampleText(cell: MetricCell | undefined): string {
  return cell?.sample ? ` (over ${cell.sample})` : '';
}

/** Means stand below each other, whether or not they have a deviation. */
function MetricCellText({ cell, place }: { cell: MetricCell | undefined; place: Place | undefined }) {
  const [mean, spread] = meanText(cell).split(/ (?=±)/);
  return (
    <>
      <span className="metric-mean" data-place={place}>
        {mean}
      </span>
      {cell?.sample && <abbr title={`over ${cell.sample}`}>*</abbr>}{' '}
      <span className="metric-spread">{spread}</span>
    </>
  );
}

function configColumn(id: string): Column<RunLine> {
  const key = id.slice('config:'.length);
  return {
    id,
    title: fieldTitle(id),
    width: 110,
    numeric,
    sortable,
    text: (row) => (key in row.config ? fieldText(row.config[key]) || 'none' : '–'),
  };
}

/** A folded row goes by the name its runs share. */
function nameText({ name, starred, runs, study }: RunTableRow): string {
  if (study) return study.name;
  const shared = runs.length > 1 ? name.replace(/-seed\d+(-\d+)?$/, '') : name;
  return starred ? `★ ${shared}` : shared;
}

/** Where a row leads: to its study or sweep, or to its run with the other seeds beside it. */
export function placeOf(row: RunLine): Parameters<typeof routeLink> {
  if (row.study) return [row.study.kind === 'sweep' ? 'sweeps' : 'scaling', [row.study.id]];
  return ['run', [row.id], seedsQuery(row.fold ?? row)];
}

function seedsQuery({ runs }: RunTableRow): Record<string, string> {
  if (runs.length === 1) return {};
  const bySeed = [...runs].sort((a, b) => a.seed - b.seed);
  return { seeds: bySeed.map(({ seed, id }) => `${seed}:${id}`).join(',') };
}

function seedsText({ runs, study }: RunTableRow): string {
  if (study) return countText(runs.length, 'run');
  if (runs.length === 1) return String(runs[0].seed);
  const done = runs.filter(({ status }) => status === 'completed').length;
  return done < runs.length ? `${done} of ${runs.length} seeds` : `${runs.length} seeds`;
}
