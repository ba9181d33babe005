import { ChartSpline, SlidersHorizontal } from 'lucide-react';
import { metricDirection } from '../../../core/api/metrics.ts';
import { isSimpleBaseline, modelTitle } from '../../../core/api/models.ts';
import {
  RUN_FIELDS,
  type RunFieldName,
  type RunPlace,
  type RunTableRow,
  runFieldFacts,
  sharedName,
} from '../../../core/api/runs.ts';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Ago } from '../../components/Ago.tsx';
import { Icon } from '../../components/Button.tsx';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Chip } from '../../components/lists.tsx';
import { settingColumn } from '../../components/schema.ts';
import { countText, fixed, metricText } from '../../format/format.ts';
import { routeLink } from '../../state/navigation.ts';
import { InlineName } from '../InlineName.tsx';
import { useValidationCurve } from '../main-curve.ts';
import { OriginChip } from '../OriginChip.tsx';
import { RunStatus, statusText } from '../RunStatus.tsx';
import { RunTile } from '../RunTile.tsx';
import { fieldTitle } from './fields.ts';
import { lineKey, type RunLine } from './use-run-lines.ts';

const sortable = true;
const largestFirst = true;

type FieldKind<Name extends RunFieldName> = (typeof RUN_FIELDS)[Name]['kind'];
type Details = Partial<Column<RunLine>>;

/** A field as a column; its id is what the database sorts by. */
function field<Name extends RunFieldName>(
  id: Name,
  value: Parameters<typeof column<RunLine, FieldKind<Name>>>[3],
  details?: Details,
): Column<RunLine> {
  const { title, kind } = RUN_FIELDS[id];
  const isSortable = runFieldFacts(id)?.sql !== undefined;
  return column<RunLine, FieldKind<Name>>(id, title, kind, value, { sortable: isSortable, ...details });
}

const COLUMNS: readonly Column<RunLine>[] = [
  field('status', (row) => (row.paused ? 'Paused' : statusText(row.status)), {
    width: 112,
    render: ({ status, paused, runs, message }) => {
      const running = runs.find((run) => run.status === 'running')?.id;
      return <RunStatus status={status} paused={paused} run={running} message={message} />;
    },
  }),
  field('model', (row) => modelTitle(row.model)),
  field('dataset', (row) => row.dataset?.name ?? '–'),
  field('project', (row) => row.project ?? '–'),
  field('seed', seedsText, { width: 76, tip: seedsTip }),
  field('curve', () => null, {
    width: 92,
    render: (row) => <CurveCell row={row} />,
  }),
  field('device', (row) => row.device ?? row.requestedDevice ?? '–', {
    width: 80,
  }),
  field('parameters', (row) => row.parameters, { tip: meanTip }),
  field('epochs', (row) => row.epochs, { width: 70, tip: meanTip }),
  field('selectedEpoch', bestEpoch, { width: 82, tip: meanTip }),
  field('seconds', (row) => row.seconds, { tip: meanTip }),
  field('peakMemory', (row) => row.peakMemory, { tip: meanTip }),
  field('energy', ({ energy }) => energy && energy / 3600, { tip: meanTip, decimals: 2 }),
  field('listSeconds', ({ listSeconds }) => listSeconds && 1000 * listSeconds, { tip: meanTip, decimals: 3 }),
  field('trials', ({ tuning }) => tuning?.trials ?? null, { tip: tuningTip }),
  field('tuningEpochs', ({ tuning }) => tuning?.epochs ?? null, { tip: tuningTip }),
  field('tuningSeconds', ({ tuning }) => tuning?.seconds ?? null, { tip: tuningTip }),
  field('tags', (row) => ownTags(row).join(', '), {
    width: 126,
    render: (row) => <Tags tags={ownTags(row)} />,
  }),
  field('notes', (row) => row.notes.replaceAll(/\s+/g, ' '), { width: 200 }),
  timeField('createdAt'),
  timeField('endedAt'),
  field('protocol', (row) => row.protocolFingerprint ?? '–', {
    render: (row) => <span className="mono">{row.protocolFingerprint ?? '–'}</span>,
  }),
];

const SEED = column<RunLine, 'number'>('seed', 'Seed', 'number', ({ runs }) => runs[0].seed, {
  width: 76,
  sortable,
});

function tuningTip({ tuning }: RunLine): string {
  return tuning ? `Settings chosen by ${tuning.sweep}` : 'No sweep chose its settings';
}

/** A folded row shows what it is sorted by. */
function meanTip({ runs }: RunLine): string {
  return runs.length > 1 ? `Mean of ${runs.length} runs` : '';
}

/** A model that is fitted in one go has none. */
function bestEpoch({ model, selectedEpoch }: RunLine): number | null {
  return isSimpleBaseline(model) ? null : selectedEpoch;
}

/** How long ago; the time itself is what is copied and shown at the pointer. */
function timeField(id: 'createdAt' | 'endedAt'): Column<RunLine> {
  return field(id, (row) => row[id], { width: 86, largestFirst, render: (row) => <Ago time={row[id]} /> });
}

export interface NameCells {
  /** Key of the line whose name is being changed. */
  renaming: string | null;
  onRenamed(row: RunLine, name: string | null): void;
  place(row: RunLine, metric: string): RunPlace | undefined;
  /** Fields of the settings that are numbers. */
  numbers: ReadonlySet<string>;
  /** Without it every row is a run. */
  fold: boolean;
}

/** Fields of the settings that are numbers in every row that has them. */
export function numberSettings(rows: Iterable<RunLine>): ReadonlySet<string> {
  const isNumber = new Map<string, boolean>();
  for (const { config } of rows)
    for (const [key, value] of Object.entries(config))
      if (value !== null) isNumber.set(key, typeof value === 'number' && isNumber.get(key) !== false);
  return new Set([...isNumber].flatMap(([key, is]) => (is ? [`config:${key}`] : [])));
}

/** The fields as columns. Those of settings are the ones in `made` where they are there. */
export function runColumns(
  fields: readonly string[],
  cells: NameCells,
  made = new Map<string, Column<RunLine>>(),
): Column<RunLine>[] {
  return fields.flatMap((id): Column<RunLine>[] => {
    if (id === 'name') return [nameColumn(cells)];
    if (id.startsWith('metric:')) return [metricColumn(id, cells)];
    if (id === 'seed' && !cells.fold) return [SEED];
    if (id.startsWith('config:')) {
      const kind = cells.numbers.has(id) ? 'number' : 'text';
      const before = made.get(id);
      if (before?.kind === kind) return [before];
      const key = id.slice('config:'.length);
      const one = settingColumn<RunLine>(id, key, ({ config }) => config[key], kind);
      made.set(id, one);
      return [one];
    }
    return COLUMNS.filter((known) => known.id === id);
  });
}

const CURVE = { width: 76, height: 24 };

/** Of a folded row the curve of what trains, else of its newest run that is done; a study has too many kinds of runs for one. */
function CurveCell({ row: { id, runs, model, study } }: { row: RunLine }) {
  const [running, done] = (['running', 'completed'] as const).map((one) =>
    runs.find((run) => run.status === one),
  );
  const run = (running ?? done)?.id ?? id;
  const curve = useValidationCurve(run, CURVE.width);
  const colour = useModelColour(model);
  if (study || !curve) return null;
  const label = `${curve.title} by step, best ${fixed(curve.best, 4)}`;
  return <Sparkline label={label} values={curve.values} colour={colour} {...CURVE} />;
}

/** The first of them, and how many more there are. */
function Tags({ tags: [first, ...others] }: { tags: readonly string[] }) {
  if (first === undefined) return null;
  return (
    <span className="run-tags row gap-1">
      <Chip>{first}</Chip>
      {others.length > 0 && <span className="muted">+{others.length}</span>}
    </span>
  );
}

/** Without those by which studies and sweeps find their runs. */
function ownTags({ tags }: RunTableRow): string[] {
  return tags.filter((tag) => !/^(sweep|study):/.test(tag));
}

function nameColumn({ renaming, onRenamed }: NameCells): Column<RunLine> {
  return column<RunLine, 'text'>('name', 'Run', 'text', fullName, {
    ...{ width: 250, grows: true, sortable, tree: true, pinned: true },
    tip: fullName,
    render: (row) =>
      renaming === lineKey(row) ? (
        <InlineName
          of={row.id}
          name={row.name}
          label="Name of the run"
          onDone={(name) => onRenamed(row, name)}
        />
      ) : (
        <a className="row-link" href={routeLink(...placeOf(row))} tabIndex={-1} draggable={false}>
          {row.study ? (
            <Icon of={row.study.kind === 'sweep' ? SlidersHorizontal : ChartSpline} />
          ) : row.fold ? null : (
            <RunTile model={row.model} />
          )}
          <span className="clip">
            {row.starred && '★ '}
            {row.fold ? row.label.detail || row.name : row.label.title}
            {!row.fold && row.label.detail !== '' && (
              <span className="regular muted">{` ${row.label.detail}`}</span>
            )}
          </span>
          {row.chosen && <Chip>Chosen</Chip>}
          {row.program !== null && <OriginChip program={row.program} />}
        </a>
      ),
  });
}

function metricColumn(id: string, { place }: NameCells): Column<RunLine> {
  const metric = id.slice('metric:'.length);
  const note = ({ metrics, program }: RunLine) => {
    const { sample, stated } = metrics[metric] ?? {};
    return stated ? `reported by ${program}` : sample ? `over ${sample}` : '';
  };
  return column(id, fieldTitle(id), 'mean', ({ metrics }) => metrics[metric], {
    sortable,
    largestFirst: metricDirection(metric) !== 'lower',
    text: (row) => metricText(row.metrics[metric]) + (note(row) && ` (${note(row)})`),
    render: (row) => <MeanCell cell={row.metrics[metric]} place={place(row, metric)} note={note(row)} />,
  });
}

/** Of several runs what their names have in common. */
export function fullName({ name, starred, runs, study }: RunTableRow): string {
  if (study) return study.name;
  return (starred ? '★ ' : '') + (sharedName(runs.map((run) => run.name)) || name);
}

/** Where a row leads: to its study or sweep, or to its run with the other seeds beside it. */
export function placeOf(row: RunLine): Parameters<typeof routeLink> {
  if (row.study) return [row.study.kind === 'sweep' ? 'sweeps' : 'scaling', [row.study.id]];
  return ['run', [row.id], row.fold?.study ? {} : seedsQuery(row.fold ?? row)];
}

function seedsQuery({ runs }: RunTableRow): Record<string, string> {
  if (runs.length === 1) return {};
  const bySeed = [...runs].sort((a, b) => (a.seed ?? 0) - (b.seed ?? 0));
  return { seeds: bySeed.map(({ seed, id }) => `${seed}:${id}`).join(',') };
}

/** "3", while some have not ended "1 of 3"; of a study what its grid has, and of a run under its row the seed itself. */
function seedsText({ runs, study, fold }: RunLine): string {
  if (fold) return String(runs[0].seed ?? '–');
  if (runs.length === 1 && !study) return '1';
  if (study?.kind === 'sweep') return countText(study.sizes, 'trial');
  if (study) return countText(runs.length, 'run');
  const done = runs.filter(({ status }) => status === 'completed').length;
  return done < runs.length ? `${done} of ${runs.length}` : String(done);
}

function seedsTip({ runs, study }: RunTableRow): string {
  if (study) return countText(runs.length, 'run');
  const seeds = runs.flatMap(({ seed }) => seed ?? []).sort((a, b) => a - b);
  if (seeds.length === 0) return 'No seed is known';
  return runs.length === 1 ? `Seed ${seeds[0]}` : `${runs.length} seeds: ${seeds.join(', ')}`;
}
