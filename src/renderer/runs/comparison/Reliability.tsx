import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Coloured } from '../../../core/api/colours.ts';
import { type CalibrationBin, FEWEST_IN_BIN } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { column } from '../../components/columns.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { fixed } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useRowColours } from './colours.ts';
import { type NamedReliability, reliabilityFigure } from './reliability-figure.ts';

type Row = CalibrationBin & { id: string; name: string };

const NAME = column<Row>('name', 'Run', 'text', ({ name }) => name);
const COLUMNS = [
  column<Row>('bin', 'Bin', 'number', ({ index }) => index + 1),
  column<Row>('rows', 'Rows', 'count', ({ count }) => count),
  column<Row>('predicted', 'Predicted', 'metric', ({ meanProbability }) => meanProbability),
  column<Row>('clicked', 'Clicked', 'metric', ({ meanLabel }) => meanLabel),
];

/** Whether the probabilities of ranking runs are those of the clicks: a figure, and its bins as a table. */
export function Reliability({ rows }: { rows: readonly (Coloured & { name: string })[] }) {
  const colours = useRowColours({ rows });
  const runs = rows.map(({ id }) => id);
  const answer = useQuery(api.compare.reliability.queryOptions({ input: { runs } }));
  const curves = useMemo(
    () =>
      (answer.data ?? []).map((curve): NamedReliability => {
        const { name = curve.id } = rows.find(({ id }) => id === curve.id) ?? {};
        return { ...curve, name, colour: colours.get(curve.id) ?? 'currentColor' };
      }),
    [answer.data, rows, colours],
  );
  if (!answer.data) return <Missing query={answer}>Reading the predictions</Missing>;
  if (curves.length === 0) {
    return (
      <EmptyState
        title="No predictions"
        text="Runs on click logs keep what they predicted of the test rows once they have completed."
      />
    );
  }
  const several = curves.length > 1;
  return (
    <div className="flow">
      <Figure spec={reliabilityFigure(curves)} />
      {curves.map(({ id, name, expected, maximum, task }) => (
        <p key={id} className="muted">
          {several && `${name}: `}Expected calibration error {fixed(expected, 4)}, largest {fixed(maximum, 4)}{' '}
          of ten bins of equal width with {FEWEST_IN_BIN} rows or more; label {task}.
        </p>
      ))}
      <Table
        title="Bins"
        detail="of as many rows each, the lowest predictions first"
        label="Bins"
        columns={several ? [NAME, ...COLUMNS] : COLUMNS}
        rows={curves.flatMap(({ bins, id, name }) => bins.map((bin) => ({ ...bin, id, name })))}
      />
    </div>
  );
}
