import { useMemo } from 'react';
import {
  axisUnit,
  type CurvePanel,
  type CurvesLook,
  curveFigure,
  type Range,
} from '../../core/api/figures.ts';
import { Figure } from './Figure.tsx';
import { rangeOn, type Zoom } from './zoom.ts';

interface CurveFiguresProps extends Omit<CurvesLook, 'all' | 'range'> {
  /** Memoise them. */
  panels: readonly CurvePanel[];
  /** The stretch that is shown, whatever the axis. */
  zoom?: Zoom | null;
  onZoom?(zoom: Zoom | null): void;
}

/** Curves over a training, one figure a panel; all have one x axis and one crosshair. */
export function CurveFigures({ panels, zoom = null, onZoom, ...look }: CurveFiguresProps) {
  const { axis } = look.view;
  const all = useMemo(() => panels.flatMap(({ series }) => series), [panels]);
  const range = useMemo(() => zoom && rangeOn(all, zoom, axis), [all, axis, zoom]);
  const unit = axisUnit(axis, all);
  const zoomTo = (part: Range | null) =>
    onZoom?.(part && { axis, from: part.from * unit, to: part.to * unit });
  return panels.map((panel) => (
    <Figure key={panel.title} spec={curveFigure(panel, { ...look, all, range })} onZoom={onZoom && zoomTo} />
  ));
}
