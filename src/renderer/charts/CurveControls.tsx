import { Button } from '../components/Button.tsx';
import { CheckField, draftFields, Select } from '../components/controls.tsx';
import type { CurvesView } from './curves-view.ts';

const AXES = [
  { value: 'step', label: 'By step' },
  { value: 'epoch', label: 'By epoch' },
  { value: 'time', label: 'By time' },
] as const;

interface CurveControlsProps {
  view: CurvesView;
  onView(view: CurvesView): void;
  zoomed: boolean;
  /** Shows the whole curves again. */
  onReset(): void;
}

/** Axis, scale and smoothing of curves, wherever they are drawn. */
export function CurveControls({ view, onView, zoomed, onReset }: CurveControlsProps) {
  const field = draftFields(view, (changes) => onView({ ...view, ...changes }));
  const text = view.smoothing === 0 ? 'none' : `${(100 * view.smoothing).toFixed(1)} %`;
  return (
    <>
      <Select aria-label="Horizontal axis" choices={AXES} {...field('axis')} />
      <CheckField label="Logarithmic" {...field('logarithmic')} />
      <label className="chart-smoothing">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={0.1}
          step={0.005}
          value={view.smoothing}
          aria-valuetext={text}
          onChange={(event) => onView({ ...view, smoothing: Number(event.target.value) })}
        />
        <output className="muted" title="Half-life, of the stretch that is shown">
          {text}
        </output>
      </label>
      <span className="push">
        {zoomed ? (
          <Button onClick={onReset}>Show all</Button>
        ) : (
          <span className="muted curves-hint">Drag to zoom</span>
        )}
      </span>
    </>
  );
}
