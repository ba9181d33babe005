import { findMetric, metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { phaseOf, type RunPage } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { durationText, fixed, grouped } from '../../format/format.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { MAIN_METRICS, MAIN_RESULTS } from '../../runs/main-metrics.ts';
import { epochFigure, timeLeftFigure } from '../../runs/progress-figures.ts';
import { stageText, wholeFraction } from '../../runs/RunStatus.tsx';
import { useLive } from '../../state/events.ts';
import { useNow } from '../../state/now.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 3;

/** The answer first: how good the run is, or how far. */
export function RunHeadline({ page }: { page: RunPage }) {
  const { run, progress, state } = page;
  const live = useLive((state) => state.progress[run.id]) ?? progress;
  const theme = useTheme((state) => state.theme);
  const now = useNow(10_000);
  if (phaseOf(run.status) !== 'hosted') {
    const figures = finalFigures(page);
    return figures.length > 0 ? <Figures label="Results" figures={figures} /> : null;
  }
  if (!live) return <p className="run-notice muted">{stageText(state, null)}</p>;
  return (
    <div className="run-headline">
      <EpochTiles
        label={stageText(state, live)}
        fraction={wholeFraction(live)}
        epochs={live.epochs}
        colour={modelColour(run.model, theme)}
      />
      <Figures
        label="Progress"
        figures={[
          ...bestSoFar(page),
          epochFigure(live),
          ...(live.loss === null ? [] : [{ label: 'Training loss', value: fixed(live.loss, 3) }]),
          timeLeftFigure(live, now),
        ]}
      />
    </div>
  );
}

/** The best value of the validation metric so far. */
function bestSoFar({ series }: RunPage): Figure[] {
  const [main] = MAIN_METRICS.flatMap(
    (name) => series.find(({ metric }) => metric === `valid/${name}`) ?? [],
  );
  if (!main) return [];
  const { metric, min, max } = main;
  const best = findMetric(metric)?.metric.direction === 'lower' ? min : max;
  return [
    {
      label: metricLabel(metric),
      value: fixed(best, metricDecimals(metric)),
      detail: 'validation, best so far',
    },
  ];
}

function finalFigures({ run }: RunPage): Figure[] {
  const names = MAIN_RESULTS.filter((name) => name in run.metrics).slice(0, SHOWN);
  const metrics = names.map((name) => ({
    label: metricLabel(name),
    value: fixed(run.metrics[name], metricDecimals(name)),
    detail: name.startsWith('test/') ? 'test' : undefined,
  }));
  if (metrics.length === 0) return [];
  const { epochs, selectedEpoch, seconds, parameters } = run;
  return [
    ...metrics,
    ...(epochs === null || epochs < 2
      ? []
      : [
          {
            label: 'Epochs',
            value: grouped(epochs),
            detail: selectedEpoch === null ? undefined : `tested epoch ${selectedEpoch}`,
          },
        ]),
    ...(parameters === null ? [] : [{ label: 'Parameters', value: grouped(parameters) }]),
    ...(seconds === null
      ? []
      : [{ label: 'Time', value: durationText(seconds), detail: run.device ?? undefined }]),
  ];
}
