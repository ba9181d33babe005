import { useState } from 'react';
import { phaseOf, type RunPage } from '../../../core/api/runs.ts';
import { CurveControls } from '../../charts/CurveControls.tsx';
import { panelsOf, usualMetrics } from '../../charts/curve-shapes.ts';
import { useCurvesView } from '../../charts/curves-view.ts';
import type { Range } from '../../charts/line-chart.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { CurvePanel } from './CurvePanel.tsx';

/** Losses and validation metrics over the run, while it trains and after. */
export function CurvesTab({ page: { run, series } }: { page: RunPage }) {
  const [view, setView] = useCurvesView();
  const [zoom, setZoom] = useState<Range | null>(null);
  const logged = series.map(({ metric }) => metric);
  const chosen = view.metrics?.filter((metric) => logged.includes(metric)) ?? [];
  const metrics = chosen.length > 0 ? chosen : usualMetrics(logged);
  return (
    <div className="run-curves">
      {series.length === 0 ? (
        <NoCurves status={run.status} />
      ) : (
        <>
          <div className="toolbar curves-toolbar">
            <CheckMenu
              trigger={<Button>Metrics</Button>}
              options={logged.map((metric) => ({ id: metric, label: metric }))}
              checked={metrics}
              onChange={(ids) => setView({ ...view, metrics: ids.length > 0 ? ids : null })}
            />
            <CurveControls
              view={view}
              onView={setView}
              zoomed={zoom !== null}
              onReset={() => setZoom(null)}
            />
          </div>
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
  if (phaseOf(status) !== 'ended') {
    return <EmptyState title="No points yet" text="They appear with the first steps." />;
  }
  return (
    <EmptyState
      title="No curves"
      text="The model is fitted in one go, or the run ended before its first step. See Results and Log."
    />
  );
}
