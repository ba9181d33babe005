import { ChartSpline, SlidersHorizontal } from 'lucide-react';
import { metricDirection } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import type { MetricCell, RunTableRow } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { Ago } from '../../components/Ago.tsx';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Icon } from '../../components/Icon.tsx';
import { Chip } from '../../components/lists.tsx';
import { settingColumn } from '../../components/schema.ts';
import { countText, fixed, metricText } from '../../format/format.ts';
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

const COLUMNS: Record<string, RunColumn> = {
  status: {
    kind: 'text',
    width: 130,
    sortable,
    value: (row) => statusText(row.status),
    render: (row) => (
      <RunStatus
        status={row.status}
        run={row.runs.find(({ status }) => status === 'running')?.id}
        message={row.message}
      />
    ),
  },
  model: { kind: 'text', width: 142, sortable, value: (row) => modelTitle(row.model) },
  dataset: { kind: 'text', sortable, value: (row) => row.dataset.name },
  project: { kind: 'text', sortable, value: (row) => row.project ?? '–' },
  seed: { kind: 'number', width: 96, sortable, value: seedsText },
  curve: { kind: 'none', value: () => null, render: (row) => <CurveCell row={row} /> },
  device: { kind: 'text', width: 80, sortable, value: (row) => row.device ?? row.requestedDevice },
  parameters: { kind: 'count', sortable, value: (row) => row.parameters ?? undefined },
  epochs: { kind: 'count', width: 70, sortable, value: (row) => row.epochs ?? undefined },
  seconds: { kind: 'duration', sortable, value: (row) => row.seconds ?? undefined },
  tags: {
    kind: 'text',
    width: 150,
    sortable,
    value: (row) => row.tags.join(', '),
    render: (row) => row.tags.map((tag) => <Chip key={tag}>{tag}</Chip>),
  },
  notes: { kind: 'text', width: 200, value: (row) => row.notes.replaceAll(/\s+/g, ' ') },
  createdAt: timeColumn(({ createdAt }) => createdAt),
  endedAt: timeColumn(({ endedAt }) => endedAt),
  protocol: {
    kind: 'text',
    sortable,
    value: (row) => row.protocolFingerprint ?? '–',
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
    kind: 'time',
    sortable,
    largestFirst: true,
    value: (row) => time(row) ?? undefined,
    render: (row) => <Ago time={time(row)} />,
  };
}

export interface NameCells {
  /** Key of the line whose name is being changed. */
  renaming: string | null;
  onRenamed(row: RunLine, name: string | null): void;
  place(row: RunTableRow, metric: string): Place | undefined;
}

/** The fields as columns; their ids are what the database sorts by. */
export function runColumns(fields: readonly string[], cells: NameCells): Column<RunLine>[] {
  return [
    ...fields.flatMap((id): Column<RunLine>[] => {
      const title = fieldTitle(id);
      if (id === 'name') return [nameColumn(cells)];
      if (id.startsWith('metric:')) return [metricColumn(id, cells)];
      if (id.startsWith('config:')) {
        const key = id.slice('config:'.length);
        return [settingColumn<RunLine>(id, key, ({ config }) => config[key], [])];
      }
      return Object.hasOwn(COLUMNS, id) ? [{ id, title, ...COLUMNS[id] }] : [];
    }),
  ];
}

function nameColumn({ renaming, onRenamed }: NameCells): Column<RunLine> {
  return {
    id: 'name',
    title: 'Name',
    kind: 'text',
    width: 228,
    grows: true,
    sortable,
    tree: true,
    pinned: true,
    value: nameText,
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
          <span className="clip">{nameText(row)}</span>
        </a>
      ),
  };
}

function metricColumn(id: string, { place }: NameCells): Column<RunLine> {
  const metric = id.slice('metric:'.length);
  return column(id, fieldTitle(id), 'mean', ({ metrics }) => metrics[metric], {
    sortable,
    largestFirst: metricDirection(metric) !== 'lower',
    text: ({ metrics }) => metricText(metrics[metric]) + sampleText(metrics[metric]),
    render: (row) => (
      <MeanCell
        cell={row.metrics[metric]}
        place={row.fold ? undefined : place(row, metric)}
        note={sampleText(row.metrics[metric])}
      />
    ),
  });
}

function sampleText(cell: MetricCell | undefined): string {
  return cell?.sample ? ` (over ${cell.sample})` : '';
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
