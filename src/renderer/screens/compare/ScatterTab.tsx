import * as Plot from '@observablehq/plot';
import { useMemo, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { wholeTicks } from '../../charts/plot-marks.ts';
import { pointLabels } from '../../charts/point-labels.ts';
import { CheckField, Select } from '../../components/controls.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { countText, withMinus } from '../../format/format.ts';
import { isNumeric, rowFields, useRowColours } from './rows.tsx';

/** More names than these lie on each other; the pointer then tells them one by one. */
const MAX_NAMES = 25;

/** Four significant digits. */
const amountText = (value: number) => withMinus(String(Number(value.toPrecision(4))));

/** One setting or metric against another, a point a row. */
export function ScatterTab({ view }: { view: ComparisonView }) {
  const colours = useRowColours(view);
  const fields = useMemo(() => {
    const { settings, metrics } = rowFields(view);
    return [...settings, ...metrics].filter(isNumeric);
  }, [view]);
  const [across, setAcross] = useState('seconds');
  const [up, setUp] = useState<string>(view.columns[0]?.name ?? '');
  const [logarithmic, setLogarithmic] = useState(false);
  const x = fields.find(({ id }) => id === across) ?? fields[0];
  const y = fields.find(({ id }) => id === up) ?? fields[fields.length - 1];
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name, protocol }, at) => {
        const [left, top] = [x?.values[at], y?.values[at]];
        const drawn = typeof left === 'number' && typeof top === 'number' && (!logarithmic || left > 0);
        return drawn ? [{ id, name, x: left, y: top, protocol: view.protocols[protocol].label }] : [];
      }),
    [view, x, y, logarithmic],
  );
  const options = useMemo((): Plot.PlotOptions => {
    const fill = (point: (typeof points)[number]) => colours.get(point.id);
    return {
      height: 400,
      marginLeft: 60,
      marginBottom: 40,
      marginTop: 28,
      inset: 12,
      x: {
        label: x?.label,
        type: logarithmic ? 'log' : 'linear',
        grid: true,
        labelAnchor: 'center',
        ...wholeTicks(points.map((point) => point.x)),
      },
      y: { label: y?.label, grid: true, ...wholeTicks(points.map((point) => point.y)) },
      symbol: { legend: view.protocols.length > 1, range: ['square', 'diamond', 'triangle', 'times'] },
      marks: [
        Plot.dot(points, {
          x: 'x',
          y: 'y',
          fill,
          symbol: 'protocol',
          r: 5,
          title: (point: (typeof points)[number]) =>
            `${point.name}\n${x?.label} ${amountText(point.x)}, ${y?.label} ${amountText(point.y)}`,
        }),
        ...(points.length > MAX_NAMES ? [] : [pointLabels(points, ({ name }) => name)]),
      ],
    };
  }, [points, colours, x, y, logarithmic, view]);
  if (!x || !y) {
    return <EmptyState title="Nothing to draw" text="The runs have no number in common." />;
  }
  const choices = fields.map(({ id, label }) => ({ value: id, label }));
  return (
    <div className="compare-flow">
      <PlotFigure
        title={`${y.label} against ${x.label}`}
        description={`${y.label} against ${x.label}, ${countText(points.length, 'run')}`}
        fileName={`scatter-${y.label}-${x.label}`.replaceAll(/[^A-Za-z0-9@]+/g, '-')}
        options={options}
        controls={
          <>
            <Select aria-label="Vertical axis" value={y.id} choices={choices} onValue={setUp} />
            <Select aria-label="Horizontal axis" value={x.id} choices={choices} onValue={setAcross} />
            <CheckField label="Log scale" value={logarithmic} onValue={setLogarithmic} />
          </>
        }
      />
      {points.length < view.rows.length && (
        <p className="muted">
          {view.rows.length - points.length} of {view.rows.length} rows lack one of the two numbers.
        </p>
      )}
    </div>
  );
}
