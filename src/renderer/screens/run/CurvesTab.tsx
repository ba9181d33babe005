import { useState } from 'react';
import type { RunPage } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { CheckField, Select } from '../../components/controls.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { CurvePanel, type Zoom } from './CurvePanel.tsx';
import { panelsOf, usualMetrics } from './curve-shapes.ts';
import { type CurvesView, useCurvesView } from './curves-view.ts';

const AXES = [
  { value: 'step', label: 'By step' },
  { value: 'epoch', label: 'By epoch' },
  { value: 'time', label: 'By time' },
] as const;

/** Losses and validation metrics over the run, while it trains and after. */
export function CurvesTab({ page: { run, series } }: { page: RunPage }) {
  const [view, setView] = useCurvesView();
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const known = series.map(({ metric }) => metric);
  const chosen = view.metrics?.filter((metric) => known.includes(metric)) ?? [];
  const metrics = chosen.length > 0 ? chosen : usualMetrics(known);
  return (
    <div className="run-curves">
      {series.length === 0 ? (
        <NoCurves status={run.status} />
      ) : (
        <>
          <CurvesToolbar
            view={view}
            onView={setView}
            known={known}
            metrics={metrics}
            zoomed={zoom !== null}
            onReset={() => setZoom(null)}
          />
          <div className="run-panels">
            {panelsOf(metrics).map((panel) => (
              <CurvePanel
                key={panel.title}
                run={run}
                panel={panel}
                view={view}
                zoom={zoom}
                onZoom={setZoom}
              />
            ))}
          </div>
        </>
      )}
    </div>
  );
}

function NoCurves({ status }: { status: RunPage['run']['status'] }) {
  if (status === 'running' || status === 'queued') {
    return (
      <EmptyState title="No points yet">
        <p>They appear with the first steps.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No curves">
      <p>The model is fitted in one go, or the run ended before its first step. See Results and Log.</p>
    </EmptyState>
  );
}

interface CurvesToolbarProps {
  view: CurvesView;
  onView(view: CurvesView): void;
  known: readonly string[];
  metrics: readonly string[];
  zoomed: boolean;
  onReset(): void;
}

function CurvesToolbar({ view, onView, known, metrics, zoomed, onReset }: CurvesToolbarProps) {
  return (
    <div className="toolbar run-curves-toolbar">
      <CheckMenu
        trigger={<Button>Metrics</Button>}
        options={known.map((metric) => ({ id: metric, label: metric }))}
        checked={metrics}
        onChange={(chosen) => onView({ ...view, metrics: chosen.length > 0 ? chosen : null })}
      />
      <Select
        aria-label="Horizontal axis"
        value={view.axis}
        choices={AXES}
        onValue={(axis) => onView({ ...view, axis })}
      />
      <CheckField
        label="Logarithmic"
        checked={view.logarithmic}
        onChecked={(logarithmic) => onView({ ...view, logarithmic })}
      />
      <label className="run-smoothing">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={0.1}
          step={0.005}
          value={view.smoothing}
          aria-valuetext={smoothingText(view.smoothing)}
          onChange={(event) => onView({ ...view, smoothing: Number(event.target.value) })}
        />
        <output className="muted" title="Half-life, of the stretch that is shown">
          {smoothingText(view.smoothing)}
        </output>
      </label>
      <span className="toolbar-end">
        {zoomed ? (
          <Button onClick={onReset}>Show all</Button>
        ) : (
          <span className="muted">Drag over a stretch to see it closer</span>
        )}
      </span>
    </div>
  );
}

function smoothingText(smoothing: number): string {
  return smoothing === 0 ? 'none' : `${(100 * smoothing).toFixed(1)} %`;
}
