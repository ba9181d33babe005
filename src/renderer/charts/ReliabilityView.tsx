import * as Plot from '@observablehq/plot';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { CalibrationBin, ReliabilityCurve } from '../../core/api/compare.ts';
import { column } from '../components/columns.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { Problem } from '../components/Problem.tsx';
import { Table } from '../components/Table.tsx';
import { countText, fixed } from '../format/format.ts';
import { api } from '../state/api.ts';
import { PlotFigure } from './PlotFigure.tsx';
import { tiles } from './tiles.ts';

export interface NamedReliability extends ReliabilityCurve {
  name: string;
  colour: string;
}

interface ReliabilityViewProps {
  /** Memoise them. */
  runs: readonly { id: string; name: string; colour: string }[];
  fileName: string;
  /** The table says which run a bin is of. */
  named: boolean;
  /** Why there may be no predictions. */
  missing: string;
  waitClass: string;
  /** Around the figure and the table. */
  frame(content: ReactNode): ReactNode;
  /** Between the figure and the table. */
  children(curves: readonly NamedReliability[]): ReactNode;
}

type Row = CalibrationBin & { name: string };

const NAME = column<Row>('name', 'Run', 'text', ({ name }) => name);
const COLUMNS = [
  column<Row>(
    'bin',
    'Bin',
    'text',
    ({ index }) => `${(index / 10).toFixed(1)} to ${((index + 1) / 10).toFixed(1)}`,
  ),
  column<Row>('rows', 'Rows', 'count', ({ count }) => count),
  column<Row>('predicted', 'Predicted', 'metric', ({ meanProbability }) => meanProbability),
  column<Row>('clicked', 'Clicked', 'metric', ({ meanLabel }) => meanLabel),
];

/** Whether the probabilities of ranking runs are those of the clicks: a figure, and its bins as a table. */
export function ReliabilityView(props: ReliabilityViewProps) {
  const { runs, fileName, named, missing, waitClass, frame, children } = props;
  const ids = runs.map(({ id }) => id);
  const reliability = useQuery(api.compare.reliability.queryOptions({ input: { runs: ids } }));
  const curves = useMemo(
    () =>
      (reliability.data ?? []).map((curve): NamedReliability => {
        const { name = curve.id, colour = 'currentColor' } = runs.find(({ id }) => id === curve.id) ?? {};
        return { ...curve, name, colour };
      }),
    [reliability.data, runs],
  );
  if (reliability.error) return <Problem query={reliability} />;
  if (!reliability.data) return <p className={waitClass}>Reading the predictions</p>;
  if (curves.length === 0) return <EmptyState title="No predictions" text={missing} />;
  return frame(
    <>
      <ReliabilityFigure curves={curves} fileName={fileName} />
      {children(curves)}
      <Table
        title="Bins"
        columns={named ? [NAME, ...COLUMNS] : COLUMNS}
        rows={curves.flatMap(({ bins, name }) => bins.map((bin) => ({ ...bin, name })))}
        rowKey={({ name, index }) => `${name} ${index}`}
      />
    </>,
  );
}

interface ReliabilityFigureProps {
  curves: readonly NamedReliability[];
  fileName: string;
}

/** Observed share of clicks against the predicted one, by bins of probability; on the diagonal a model is calibrated. */
function ReliabilityFigure({ curves, fileName }: ReliabilityFigureProps) {
  const options = useMemo((): Plot.PlotOptions => {
    const points = curves.flatMap(({ bins, name, colour }) => bins.map((bin) => ({ ...bin, name, colour })));
    type Point = (typeof points)[number];
    const colour = (point: Point) => point.colour;
    const diagonal = [0, 1].map((end) => [end, end] as const);
    return {
      height: 360,
      marginLeft: 56,
      marginBottom: 40,
      x: { label: 'Predicted probability', domain: [0, 1], grid: true },
      y: { label: 'Share of clicks', domain: [0, 1], grid: true },
      marks: [
        Plot.line(diagonal, { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '4 4' }),
        Plot.line(points, { x: 'meanProbability', y: 'meanLabel', z: 'name', stroke: colour }),
        tiles(points, {
          x: 'meanProbability',
          y: 'meanLabel',
          fill: colour,
          title: (point: Point) =>
            `${point.name}: predicted ${fixed(point.meanProbability, 4)}, clicked ${fixed(point.meanLabel, 4)}, ${countText(point.count, 'row')}`,
        }),
      ],
    };
  }, [curves]);
  return (
    <PlotFigure
      title="Reliability of the test rows"
      description={`Predicted against observed clicks of ${curves.map(({ name }) => name).join(', ')}, in ten bins of probability`}
      fileName={fileName}
      options={options}
    />
  );
}
