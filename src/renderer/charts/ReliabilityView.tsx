import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { CalibrationBin } from '../../core/api/compare.ts';
import { column } from '../components/columns.ts';
import { EmptyState, Problem } from '../components/Screen.tsx';
import { Table } from '../components/Table.tsx';
import { api } from '../state/api.ts';
import { Figure } from './Figure.tsx';
import { type NamedReliability, reliabilityFigure } from './reliability-figure.ts';

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
  children?(curves: readonly NamedReliability[]): ReactNode;
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
      <Figure spec={reliabilityFigure(curves, fileName)} />
      {children?.(curves)}
      <Table
        title="Bins"
        columns={named ? [NAME, ...COLUMNS] : COLUMNS}
        rows={curves.flatMap(({ bins, name }) => bins.map((bin) => ({ ...bin, name })))}
        rowKey={({ name, index }) => `${name} ${index}`}
      />
    </>,
  );
}
