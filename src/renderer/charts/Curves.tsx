import { type ReactNode, useMemo } from 'react';
import { z } from 'zod';
import {
  type Axis,
  axisUnit,
  type CurvePanel,
  type CurvesLook,
  curveFigure,
  type Range,
} from '../../core/api/figures.ts';
import { Button } from '../components/Button.tsx';
import { CheckField, draftFields } from '../components/controls.tsx';
import { Missing } from '../components/Screen.tsx';
import { Select } from '../components/Select.tsx';
import type { Query } from '../state/api.ts';
import { useKept } from '../state/navigation.ts';
import { useView } from '../state/view.ts';
import { Figure } from './Figure.tsx';
import { useWidth } from './use-width.ts';
import { rangeOn, readZoom, zoomText } from './zoom.ts';

const AXES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'By step' },
  { value: 'epoch', label: 'By epoch' },
  { value: 'time', label: 'By time' },
];

const curvesView = z.object({
  axis: z.enum(['step', 'epoch', 'time']),
  /** Half-life as a share of the shown stretch. */
  smoothing: z.number().min(0).max(1),
  logarithmic: z.boolean(),
  /** Of several seeds the mean with its deviation in place of every one. */
  mean: z.boolean().default(true),
  /** Of a run; null for the usual ones. */
  metrics: z.array(z.string()).nullable(),
});
type CurvesView = z.output<typeof curvesView>;

const DEFAULT: CurvesView = { axis: 'step', smoothing: 0, logarithmic: false, mean: true, metrics: null };
const check = (stored: unknown) => curvesView.safeParse(stored).data ?? null;

/** As many points are asked for as can be seen; a few pixels more or less make no new question. */
const PIXEL_STEP = 100;

/** How curves are looked at, the same way for every run and comparison; the stretch is in the address. */
export function useCurves() {
  const [view, onView] = useView('run:curves', DEFAULT, check);
  const [kept, keep] = useKept('zoom');
  const zoom = useMemo(() => readZoom(kept), [kept]);
  const [place, width] = useWidth<HTMLDivElement>(1_000);
  const pixels = Math.ceil((width * devicePixelRatio) / 2 / PIXEL_STEP) * PIXEL_STEP;
  const setView = (changes: Partial<CurvesView>) => onView({ ...view, ...changes });
  return { view, setView, zoom, setZoom: (next: typeof zoom) => keep(zoomText(next)), place, pixels };
}

interface CurvesProps extends Pick<CurvesLook, 'height' | 'planned' | 'combine'> {
  of: ReturnType<typeof useCurves>;
  /** Where the panels come from. */
  query: Query<unknown>;
  /** Memoise them. */
  panels: readonly CurvePanel[];
  /** Which curves, before how they are looked at. */
  controls: ReactNode;
  /** What is to be said of them. */
  children?: ReactNode;
}

/** Curves over a training, one figure a panel; all have one x axis and one crosshair. */
export function Curves({ of, query, panels, controls, children, ...look }: CurvesProps) {
  const { view, zoom, setZoom, place } = of;
  const { axis } = view;
  const all = useMemo(() => panels.flatMap(({ series }) => series), [panels]);
  const range = useMemo(() => zoom && rangeOn(all, zoom, axis), [all, axis, zoom]);
  const unit = axisUnit(axis, all);
  const zoomTo = (part: Range | null) =>
    setZoom(part && { axis, from: part.from * unit, to: part.to * unit });
  return (
    <div className="flow">
      <div className="toolbar curves-toolbar flattens">
        {controls}
        <CurveControls {...of} />
      </div>
      <div ref={place} className="panels stretched">
        {query.data === undefined && <Missing query={query} />}
        {panels.map((panel) => (
          <Figure
            key={panel.title}
            spec={curveFigure(panel, { ...look, view, all, range })}
            onZoom={zoomTo}
          />
        ))}
      </div>
      {children}
    </div>
  );
}

/** Axis, scale and smoothing. */
function CurveControls({ view, setView, zoom, setZoom }: ReturnType<typeof useCurves>) {
  const field = draftFields(view, setView);
  const text = view.smoothing === 0 ? 'none' : `${(100 * view.smoothing).toFixed(1)} %`;
  return (
    <>
      <Select aria-label="Horizontal axis" choices={AXES} {...field('axis')} />
      <CheckField label="Logarithmic" {...field('logarithmic')} />
      <label className="chart-smoothing row middle gap-2">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={0.1}
          step={0.005}
          value={view.smoothing}
          aria-valuetext={text}
          onChange={(event) => setView({ smoothing: Number(event.target.value) })}
        />
        <output className="muted" title="Half-life, of the stretch that is shown">
          {text}
        </output>
      </label>
      <span className="push">
        {zoom ? (
          <Button onClick={() => setZoom(null)}>Show all</Button>
        ) : (
          <span className="muted wide-only">Drag to zoom</span>
        )}
      </span>
    </>
  );
}
