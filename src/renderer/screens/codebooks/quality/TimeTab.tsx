import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { Timeline, TimelineProgress } from '../../../../core/api/codebooks.ts';
import { chartColours } from '../../../charts/colours.ts';
import { PlotFigure } from '../../../charts/PlotFigure.tsx';
import { wholeTicks } from '../../../charts/plot-marks.ts';
import { tiles } from '../../../charts/tiles.ts';
import { type Column, column } from '../../../components/columns.ts';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { Problem } from '../../../components/Problem.tsx';
import { Working } from '../../../components/Progress.tsx';
import { Table } from '../../../components/Table.tsx';
import { fixed } from '../../../format/format.ts';
import { api, client } from '../../../state/api.ts';
import { useTheme } from '../../../state/theme.ts';
import { useProgressQuery } from '../../../state/use-progress-query.ts';
import { useWorkbench } from '../workbench.ts';

type Moment = Timeline['moments'][number];

const MEASURES = [
  { id: 'usage', title: 'Usage', of: (moment: Moment, level: number) => moment.levels[level].usage },
  {
    id: 'perplexity',
    title: 'Perplexity',
    of: (moment: Moment, level: number) => moment.levels[level].perplexity,
  },
  {
    id: 'changed',
    title: 'Codes changed since the snapshot before',
    of: (moment: Moment, level: number) => moment.levels[level].changed,
  },
] as const;

/** How the codes came to be used while the tokeniser trained. */
export function TimeTab() {
  const { facts, view } = useWorkbench();
  const input = { run: facts.run };
  const timeline = useProgressQuery<TimelineProgress, Timeline>(
    [...api.codebooks.timeline.key(), input, facts.snapshots.length],
    (signal) => client.codebooks.timeline(input, { signal }),
    () => 'reading',
  );
  if (facts.snapshots.length < 2) {
    return (
      <EmptyState
        title="One snapshot alone"
        text="This run kept its IDs once. A tokeniser that trains in steps keeps them at every evaluation, and this view shows how the codes came to be used."
      />
    );
  }
  if (timeline.error !== null && !timeline.working) {
    return <Problem query={timeline} />;
  }
  const { data, progress } = timeline;
  if (!data) {
    return (
      <Working
        label="Reading the snapshots"
        fraction={progress ? progress.done / progress.total : 0}
        detail={progress ? `${progress.done} of ${progress.total}` : ''}
        onCancel={timeline.cancel}
      />
    );
  }
  return <Moments timeline={data} step={view.step ?? facts.selected} />;
}

function Moments({ timeline, step }: { timeline: Timeline; step: number }) {
  const { facts } = useWorkbench();
  const { moments, collapse } = timeline;
  const columns = useMemo(() => momentColumns(facts.levels), [facts.levels]);
  return (
    <div className="codebook-flow">
      <p className="muted">
        {collapse === null
          ? 'Perplexity never fell by a tenth from one snapshot to the next.'
          : `Perplexity fell most at step ${moments[collapse].step}: codes were lost there.`}{' '}
        The vertical line is the snapshot that all views show; move it with the slider above.
      </p>
      <div className="codebook-curves">
        {MEASURES.map((measure) => (
          <Curve key={measure.id} measure={measure} timeline={timeline} step={step} />
        ))}
        <CollisionCurve timeline={timeline} step={step} />
      </div>
      <Table
        title="All snapshots"
        label="Snapshots"
        columns={columns}
        rows={moments}
        rowKey={(moment) => String(moment.step)}
      />
    </div>
  );
}

interface CurveProps {
  timeline: Timeline;
  step: number;
}

function Curve({ measure, timeline, step }: CurveProps & { measure: (typeof MEASURES)[number] }) {
  const { facts } = useWorkbench();
  const points = useMemo(
    () =>
      timeline.moments.flatMap((moment) =>
        moment.levels.flatMap((_, level) => {
          const value = measure.of(moment, level);
          return value === null ? [] : [{ step: moment.step, level: `Level ${level + 1}`, value }];
        }),
      ),
    [timeline, measure],
  );
  const options = useCurveOptions(points, facts.codebookSizes.length, timeline, step);
  return (
    <PlotFigure
      title={measure.title}
      description={`${measure.title} of each level at ${timeline.moments.length} snapshots`}
      fileName={`${facts.name}-${measure.id}`}
      options={options}
    />
  );
}

function CollisionCurve({ timeline, step }: CurveProps) {
  const { facts } = useWorkbench();
  const points = useMemo(
    () =>
      timeline.moments.map(({ step: at, collisionRate }) => ({
        step: at,
        level: 'All levels',
        value: collisionRate,
      })),
    [timeline],
  );
  const options = useCurveOptions(points, 1, timeline, step);
  return (
    <PlotFigure
      title="Collision rate"
      description={`Collision rate at ${timeline.moments.length} snapshots`}
      fileName={`${facts.name}-collision-rate`}
      options={options}
    />
  );
}

const HEIGHT = 190;
const LABEL_APART = 13;
const LABEL = { x: 'step', y: 'value', text: 'level', fill: 'level', textAnchor: 'start', dx: 6 } as const;

/** The last point of each line, with how far its name has to move so that names do not lie on each other. */
function apart(points: readonly Point[]): (Point & { dy: number })[] {
  const last = [...new Map(points.map((point) => [point.level, point])).values()];
  const most = Math.max(...points.map(({ value }) => value), Number.MIN_VALUE);
  let above = Number.NEGATIVE_INFINITY;
  return last
    .sort((a, b) => b.value - a.value)
    .map((point) => {
      const place = -(point.value / most) * (HEIGHT - 50);
      const free = Math.max(place, above + LABEL_APART);
      above = free;
      return { ...point, dy: free - place };
    });
}

interface Point {
  step: number;
  level: string;
  value: number;
}

function useCurveOptions(
  points: readonly Point[],
  lines: number,
  { moments, collapse }: Timeline,
  step: number,
): Plot.PlotOptions {
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  return useMemo(() => {
    const { palette, text, bad } = chartColours();
    const names = [...new Set(points.map(({ level }) => level))];
    const fallen = collapse === null ? [] : [moments[collapse].step];
    return {
      height: HEIGHT,
      marginLeft: 48,
      marginRight: lines > 1 ? 60 : 16,
      x: {
        label: 'Step',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 6,
        ...wholeTicks(points.map((point) => point.step)),
      },
      y: { label: null, grid: true, zero: true, ticks: 5 },
      color: { domain: names, range: names.map((_, at) => palette[at % palette.length]) },
      marks: [
        Plot.ruleX([step], { stroke: text, strokeOpacity: 0.5 }),
        Plot.ruleX(fallen, { stroke: bad, strokeDasharray: '3 3' }),
        Plot.line(points, { x: 'step', y: 'value', stroke: 'level', strokeWidth: 1.5 }),
        tiles(points, {
          x: 'step',
          y: 'value',
          fill: 'level',
          r: 2,
          title: (point: Point) => `${point.level}, step ${point.step}: ${fixed(point.value, 4)}`,
        }),
        ...(lines > 1 ? apart(points).map((label) => Plot.text([label], { ...LABEL, dy: label.dy })) : []),
      ],
    };
  }, [points, lines, moments, collapse, step, theme]);
}

function momentColumns(levels: number): Column<Moment>[] {
  return [
    column('step', 'Step', 'number', ({ step }) => step),
    column('epoch', 'Epoch', 'number', ({ epoch }) => epoch),
    column('collisions', 'Collision rate', 'metric', ({ collisionRate }) => collisionRate),
    ...Array.from({ length: levels }, (_, level): Column<Moment>[] => [
      column(`usage ${level}`, `Usage ${level + 1}`, 'metric', (moment) => moment.levels[level].usage, 3),
      column(
        `perplexity ${level}`,
        `Perplexity ${level + 1}`,
        'metric',
        (moment) => moment.levels[level].perplexity,
        1,
      ),
    ]).flat(),
  ];
}
