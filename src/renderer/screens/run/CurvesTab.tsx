import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { LeaderboardRow } from '../../../core/api/compare.ts';
import { phaseOf, type RunPage, type RunRecord } from '../../../core/api/runs.ts';
import { CurveControls } from '../../charts/CurveControls.tsx';
import { CurveFigures } from '../../charts/CurveFigures.tsx';
import { useCurvesView } from '../../charts/curves-view.ts';
import { useWidth } from '../../charts/use-width.ts';
import type { Zoom } from '../../charts/zoom.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';
import { curvePanels, usualMetrics } from './curve-panels.ts';
import { useRunSeries } from './use-run-series.ts';

/** As many points are asked for as can be seen; a few pixels more or less make no new question. */
const PIXEL_STEP = 100;
/** More could not be told apart. */
const MAX_ADDED = 7;

/** Metrics and losses over the run, while it trains and after, with those of other runs beside them. */
export function CurvesTab({ page: { run, series } }: { page: RunPage }) {
  const [view, setView] = useCurvesView();
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const logged = series.map(({ metric }) => metric);
  const chosen = view.metrics?.filter((metric) => logged.includes(metric)) ?? [];
  const metrics = chosen.length > 0 ? chosen : usualMetrics(logged);
  const { offered, added, add } = useAddedRuns(run);
  if (series.length === 0) return <NoCurves status={run.status} />;
  return (
    <div className="run-curves">
      <div className="toolbar curves-toolbar">
        <CheckMenu
          trigger={<Button>Metrics</Button>}
          options={logged.map((metric) => ({ id: metric, label: metric }))}
          checked={metrics}
          onChange={(ids) => setView({ ...view, metrics: ids.length > 0 ? ids : null })}
        />
        {offered.length > 0 && (
          <CheckMenu
            trigger={
              <Button>
                <Icon of={Plus} />
                Add run
              </Button>
            }
            options={offered.map(({ id, name }) => ({ id, label: name }))}
            checked={added.map(({ id }) => id)}
            most={MAX_ADDED}
            onChange={add}
          />
        )}
        <CurveControls view={view} onView={setView} zoomed={zoom !== null} onReset={() => setZoom(null)} />
      </div>
      <Panels run={run} added={added} metrics={metrics} view={view} zoom={zoom} onZoom={setZoom} />
    </div>
  );
}

/** Runs of the same data set and protocol to draw beside this one: first the best that had ended when it began. */
function useAddedRuns(run: RunRecord) {
  const { data } = useQuery(api.compare.leaderboard.queryOptions({ input: { dataset: run.dataset.name } }));
  const [chosen, add] = useState<string[] | null>(null);
  // A model that is fitted in one go has no curve.
  const offered = [...(data?.best ?? []), ...(data?.others ?? [])].filter(
    ({ runs, epochs }) => (epochs ?? 0) > 1 && !runs.some(({ id }) => id === run.id),
  );
  const earlier = offered.find(({ endedAt }) => (endedAt ?? Infinity) <= (run.startedAt ?? run.createdAt));
  const shown = chosen ?? (earlier ? [earlier.id] : []);
  return { offered, added: offered.filter(({ id }) => shown.includes(id)), add };
}

interface PanelsProps {
  run: RunRecord;
  added: readonly LeaderboardRow[];
  metrics: string[];
  view: ReturnType<typeof useCurvesView>[0];
  zoom: Zoom | null;
  onZoom(zoom: Zoom | null): void;
}

function Panels({ run, added, metrics, view, zoom, onZoom }: PanelsProps) {
  const theme = useTheme((state) => state.theme);
  const [place, width] = useWidth<HTMLDivElement>(1_000);
  const pixels = Math.ceil((width * devicePixelRatio) / 2 / PIXEL_STEP) * PIXEL_STEP;
  const runs = [run.id, ...added.map(({ id }) => id)];
  const { data, error, refetch } = useRunSeries({ runs, metrics, pixels, zoom });
  const names = JSON.stringify([metrics, added.map(({ id }) => id)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names say what is shown
  const panels = useMemo(
    () => curvePanels(run, added, metrics, data ?? [], theme),
    [data, names, run.name, theme],
  );
  if (error) return <Problem query={{ error, refetch }} />;
  const planned = phaseOf(run.status) === 'ended' ? null : plannedEpochs(run);
  return (
    <div ref={place} className="run-panels">
      <CurveFigures panels={panels} view={view} zoom={zoom} onZoom={onZoom} planned={planned} />
    </div>
  );
}

const plannedEpochs = ({ config }: RunRecord) =>
  typeof config.epochs === 'number' && config.epochs > 0 ? config.epochs : null;

function NoCurves({ status }: { status: RunPage['run']['status'] }) {
  if (phaseOf(status) !== 'ended') {
    return <EmptyState title="No points yet" text="They appear with the first steps." />;
  }
  return (
    <EmptyState
      title="No curves"
      text="This model is not trained in steps, or the run ended before its first step. See Results and Log."
    />
  );
}
