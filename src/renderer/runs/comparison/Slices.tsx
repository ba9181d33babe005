import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import {
  baselineName,
  type ComparisonView,
  differenceOf,
  differencesFigure,
  idsNote,
  metricColumn,
  type SliceComparison,
  type SliceGroup,
  type SliceLine,
  sliceGroups,
  sliceVerdict,
} from '../../../core/api/compare.ts';
import { metricLabel, signOf } from '../../../core/api/metrics.ts';
import { MetricSelect } from '../../app/MetricSelect.tsx';
import { Figure } from '../../charts/Figure.tsx';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { useWidth } from '../../charts/use-width.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { StatedView, Statement } from '../../components/Statement.tsx';
import { capital, grouped } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';
import { MAIN_RESULTS } from '../main-metrics.ts';
import { useRowColours, useRowTiles } from './colours.ts';
import { copiedColumns, SliceNotes, SliceTable, sliceColumns } from './SliceTable.tsx';
import { type HidingRun, shareFigures } from './share-figures.ts';
import { originFigure } from './slice-figures.ts';
import './slices.css';

interface SlicesProps {
  view: ComparisonView;
  /** More controls. */
  children?: ReactNode;
}

const FIRST_WIDTH = 1232;
/** Pixels of two figures beside each other. */
const MOST_FIGURES = 1464;

/** How good each row is for popular and rare items, for short and long histories, and where training has shown the answer. */
export function Slices({ view, children }: SlicesProps) {
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const baseline = view.baseline === null ? null : view.rows[view.baseline].id;
  const answer = useQuery(api.compare.slices.queryOptions({ input: { runs, baseline } }));
  if (!answer.data) return <Missing query={answer}>Counting the slices</Missing>;
  if (answer.data.every(({ slices }) => slices.length === 0)) return <NoSlices />;
  return (
    <SliceView view={view} data={answer.data}>
      {children}
    </SliceView>
  );
}

export function NoSlices() {
  return (
    <EmptyState
      title="No slices"
      text="They are counted from the rank of every user's test item, or from predicted clicks, which a completed run keeps."
    />
  );
}

function SliceView({ view, data, children }: SlicesProps & { data: readonly SliceComparison[] }) {
  const [chosen, setChosen] = useKept('metric');
  const [focused, setFocused] = useKept('slice');
  const colours = useRowColours(view);
  const tiles = useRowTiles(view);
  const slices = useMemo(
    () => view.rows.map(({ id }) => data.find((row) => row.id === id)?.slices ?? []),
    [view, data],
  );
  const metrics = [...new Set(slices.flat().flatMap((slice) => Object.keys(slice.metrics)))];
  const metric = [chosen, ...MAIN_RESULTS].find((name) => metrics.includes(name ?? '')) ?? metrics[0];
  const column = useMemo(() => metricColumn(metric), [metric]);
  const groups = useMemo(() => sliceGroups({ rows: view.rows, slices, column }), [view, slices, column]);
  const verdict = sliceVerdict({ rows: view.rows, column }, groups);
  const lines = groups.flatMap((group) => group.lines.map((line) => ({ group, line })));
  const focus =
    lines.find(({ line }) => line.key === focused) ??
    lines.find(({ line }) => line.key === verdict?.line) ??
    lines[0];
  const [box, room] = useWidth<HTMLDivElement>(FIRST_WIDTH);
  const alone = slices.length === 1 ? slices[0] : null;
  const columns = useMemo(
    () => sliceColumns(view, groups, column, colours, tiles, room, alone),
    [view, groups, column, colours, tiles, room, alone],
  );
  return (
    <StatedView
      ref={box}
      statement={
        verdict ? (
          <Statement label="Verdict" fact={verdict.lead} limit={verdict.limit && `; ${verdict.limit}`}>
            {verdict.details.join(' ')}
          </Statement>
        ) : (
          <Statement label="Verdict" fact={`${column.label} by slice`} limit={untestedText(view)} />
        )
      }
      controls={
        <>
          {children}
          <MetricSelect metrics={metrics} value={metric} onValue={setChosen} />
          <CopyMenu
            framed
            what="slices"
            columns={copiedColumns(
              view,
              sliceColumns(view, groups, column, colours, tiles, FIRST_WIDTH, alone),
            )}
            rows={() => lines.map(({ line }) => line)}
          />
        </>
      }
      foot={<SliceNotes view={view} groups={groups} />}
    >
      <SliceTable
        label={`${column.label} by slice`}
        columns={columns}
        groups={groups}
        room={room}
        notes={groups.map((group) => groupNote(group, view, data))}
        focused={focus.line.key}
        onFocus={setFocused}
      />
      <div className="flow">
        <div className="panels stretched" style={{ maxWidth: MOST_FIGURES }}>
          <SliceFigures view={view} column={column} focus={focus} colours={colours} />
          {shareFigures(hidingRuns(view, colours)).map((spec) => (
            <Figure key={spec.title} spec={spec} />
          ))}
        </div>
      </div>
    </StatedView>
  );
}

/** Why nothing is said of who leads where; nothing of a run alone. */
function untestedText({ rows, protocols, baseline }: ComparisonView): string {
  if (rows.length < 2) return '';
  if (protocols.length > 1) return ': rows of different protocols are not compared';
  return baseline === null ? ': choose a baseline to see where runs differ from it' : ': not tested';
}

/** What the group is cut by, and for which rows it was not measured. */
function groupNote({ by, missing }: SliceGroup, { rows }: ComparisonView, data: readonly SliceComparison[]) {
  const ids = idsNote(data.flatMap(({ slices }) => slices.filter((slice) => slice.by === by)));
  const names = missing.map((row) => rows[row].name).join(', ');
  const remedy =
    by === 'seen ID prefix' ? 'it has no Semantic IDs' : 'it has no per-user ranks: evaluate it again';
  return [
    ...(ids === '' ? [] : [ids.slice(2)]),
    ...(names === '' ? [] : [`not measured for ${names}: ${remedy}`]),
  ].join('; ');
}

interface SliceFiguresProps {
  view: ComparisonView;
  column: ReturnType<typeof metricColumn>;
  focus: { group: SliceGroup; line: SliceLine };
  colours: ReadonlyMap<string, string>;
}

/** The chosen slice's differences, and what each slice of its kind adds to the means. */
function SliceFigures({ view, column, focus: { group, line }, colours }: SliceFiguresProps) {
  const chart = useChartColours();
  const { rows } = view;
  const points = rows.flatMap(({ id, name }, at) =>
    differenceOf(id, line.cells[at]?.difference ?? undefined).map((one) => ({ ...one, name })),
  );
  const sign = signOf(column.direction);
  const sorted = points.toSorted((a, b) => sign * (b.difference - a.difference));
  const origins = originFigure(view, group, column, colours, chart);
  const title = `${capital(line.slice)}: difference from ${baselineName(view)}`;
  return (
    <>
      {sorted.length > 0 && (
        <Figure
          spec={differencesFigure({
            ...{ title, description: title, points: sorted, colours, sign, numbered: true },
            subtitle: `${grouped(line.most)} ${line.unit}, 95 % interval`,
            fileName: `slice-difference-${line.slice}-${metricLabel(column.name)}`,
          })}
        />
      )}
      {origins && <Figure spec={origins} />}
    </>
  );
}

/** The rows with the means of all their metrics. */
function hidingRuns(view: ComparisonView, colours: ReadonlyMap<string, string>): HidingRun[] {
  return view.rows.map(({ id, name, cells, others }) => {
    const means = [
      ...view.columns.map((column, at) => [column.name, cells[at].mean] as const),
      ...view.otherColumns.map((column, at) => [column.name, others[at]] as const),
    ];
    const metrics = Object.fromEntries(
      means.flatMap(([metric, mean]) => (mean === null ? [] : [[metric, mean]])),
    );
    return { id, name, colour: colours.get(id) ?? '', metrics };
  });
}
