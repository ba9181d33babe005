import { useQuery } from '@tanstack/react-query';
import type { BaselineComparison } from '../../../core/api/compare.ts';
import { hostOf, isAway, lossText, savedEpoch } from '../../../core/api/machines.ts';
import { findMetric, metricDecimals, metricDirection, metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import {
  type ExternalRun,
  type ImportedRun,
  type MeasuredRun,
  phaseOf,
  type RunPage,
} from '../../../core/api/runs.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { Statement } from '../../components/Statement.tsx';
import {
  countText,
  durationText,
  fixed,
  grouped,
  pValueText,
  rangeText,
  signed,
  signedRange,
} from '../../format/format.ts';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { MAIN_METRICS, MAIN_RESULTS } from '../../runs/main-metrics.ts';
import { epochFigure, timeLeftFigure } from '../../runs/progress-figures.ts';
import { stageText, wholeFraction } from '../../runs/RunStatus.tsx';
import { useTimeOf } from '../../runs/use-clock.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { AwayHeadline, contactFigures } from './AwayHeadline.tsx';

const SHOWN = 3;
/** Of the intervals, where there is room for it. */
const LEVEL = <small>, 95 %</small>;

/** The answer first: how good the run is, or how far. */
export function RunHeadline({ page }: { page: RunPage }) {
  const { run, progress, state } = page;
  const live = useLive((state) => state.progress[run.id]) ?? progress;
  const colour = useModelColour(run.model);
  const now = useNow();
  const training = useTimeOf(run.id);
  if (phaseOf(run.status) !== 'hosted')
    return run.kind === 'imported' ? (
      <StatedHeadline run={run} by={page.origin ? 'Logged by' : 'Trained with'} />
    ) : (
      <FinalHeadline run={run} />
    );
  if (run.kind === 'own' && isAway(page.live) && state !== 'stopping')
    return <AwayHeadline run={run} page={page} place={page.live} />;
  if (!live) {
    const figures = [...bestSoFar(page), ...lastStep(page)];
    return (
      <>
        <p className="muted rigid bar-inset">{stageText(state, null)}</p>
        {figures.length > 0 && <Figures label="Progress" figures={figures} />}
      </>
    );
  }
  const isLast = state === 'finishing';
  const [host, saved] = [hostOf(run), savedEpoch(page)];
  return (
    <div className="run-headline">
      <EpochTiles
        label={stageText(state, live)}
        fraction={wholeFraction(live)}
        epochs={live.epochs}
        colour={colour}
      />
      {host !== null && (
        <Statement
          large
          fact={`Epoch ${Math.max(1, live.epoch)} on ${host}`}
          limit={saved === null ? ', nothing is saved here yet' : `, all up to epoch ${saved} is saved here`}
        >
          {lossText(host, saved, live.epoch)}
        </Statement>
      )}
      <Figures
        label="Progress"
        figures={[
          ...bestSoFar(page),
          isLast ? { ...epochFigure(live), detail: 'the last one, then the test' } : epochFigure(live),
          ...(live.loss === null || host !== null
            ? []
            : [{ label: 'Training loss', value: fixed(live.loss, 3) }]),
          ...(training ? [timeLeftFigure(training, now)] : []),
          ...(host !== null && page.live ? contactFigures(page.live, now) : []),
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
      label: `Validation ${metricLabel(metric.replace('valid/', ''))}`,
      value: fixed(best, metricDecimals(metric)),
      detail: 'best so far',
    },
  ];
}

/** How far a run is that tells no progress: its curves tell. */
function lastStep({ series }: RunPage): Figure[] {
  const loss = series.find(({ metric }) => metric === 'train/loss');
  return loss ? [{ label: 'Step', value: grouped(loss.lastStep) }] : [];
}

/** What another program states of its run: nobody measured it here. */
function StatedHeadline({ run: { stated, program }, by }: { run: ImportedRun; by: string }) {
  const names = MAIN_RESULTS.filter((name) => name in stated).slice(0, SHOWN);
  const figures = names.map((name) => ({
    label: `${metricLabel(name)}, as reported`,
    value: fixed(stated[name], metricDecimals(name)),
    muted: true,
    detail: 'not measured here',
  }));
  return <Figures label="Results" figures={[...figures, { label: by, value: program }]} />;
}

/** The results, and once they are computed the interval of the main one and how it stands against a baseline. */
function FinalHeadline({ run }: { run: MeasuredRun }) {
  const names = MAIN_RESULTS.filter((name) => name in run.metrics).slice(0, SHOWN);
  const [metric = ''] = names;
  // Clicks, codes and language models have no baselines that are fitted in one go.
  const hasBaselines = metric !== '' && run.protocol !== null && run.protocol.task === undefined;
  const { data: compared, error } = useQuery({
    ...api.compare.toBaseline.queryOptions({ input: { run: run.id, metric } }),
    enabled: hasBaselines,
  });
  if (names.length === 0) return null;
  const metrics = names.map((name) => metricFigure(run, name, name === metric ? compared : undefined));
  const isOpen = hasBaselines && error === null && compared?.against !== null;
  // The tile of the baseline takes the place of the last metric, so that nothing moves when it fills.
  const [main, ...others] = metrics;
  const first = isOpen
    ? [main, baselineFigure(run, metric, compared?.against), ...others.slice(0, -1)]
    : metrics;
  const beside = run.kind === 'external' ? externalFigures(run, metric) : trainingFigures(run);
  return <Figures label="Results" figures={[...first, ...beside]} />;
}

/** Percent by which a figure of another program may differ without a question. */
const USUAL = 2;

/** How far what a program states is from what was measured of its lists, and a question where that is far. */
function Deviation({ stated, measured }: { stated: number; measured: number }) {
  const percent = (100 * (stated - measured)) / Math.abs(measured);
  if (!Number.isFinite(percent)) return null;
  const text = `${fixed(Math.abs(percent), 1)} % ${percent < 0 ? 'below' : 'above'} ours`;
  const question = `${text}; check the candidate set`;
  if (Math.abs(percent) <= USUAL) return text;
  return (
    <span className="warning" title={question}>
      {question}
    </span>
  );
}

/** The main metric as its own program stated it, the length of its lists, and the program's name. */
function externalFigures({ stated, metrics, result, program }: ExternalRun, metric: string): Figure[] {
  const { listLength, testUsers, withoutList } = result;
  return [
    ...(metric in stated
      ? [
          {
            label: `${metricLabel(metric)}, as reported`,
            value: fixed(stated[metric], metricDecimals(metric)),
            muted: true,
            detail: <Deviation stated={stated[metric]} measured={metrics[metric]} />,
          },
        ]
      : []),
    {
      label: 'Lists',
      value: listLength === null ? 'All scores' : `Top ${grouped(listLength)}`,
      detail: `${grouped(testUsers - withoutList)} of ${countText(testUsers, 'user')}`,
    },
    { label: 'Trained with', value: program },
  ];
}

function metricFigure(run: MeasuredRun, name: string, compared: BaselineComparison | undefined): Figure {
  return {
    label: metricLabel(name),
    value: fixed(run.metrics[name], metricDecimals(name)),
    detail: name.startsWith('test/') && (
      <>
        test{rangeText(compared?.interval)}
        {compared?.interval && LEVEL}
      </>
    ),
    title: compared?.interval ? '95 % interval over the test users' : undefined,
  };
}

function baselineFigure(
  run: MeasuredRun,
  metric: string,
  against: BaselineComparison['against'] | undefined,
): Figure {
  if (!against) return { label: 'Against a baseline', value: '–' };
  const { id, name, model, delta, deltaPercent, significance } = against;
  const decimals = metricDecimals(metric);
  const better = metricDirection(metric) === 'lower' ? delta < 0 : delta > 0;
  return {
    label: `Against ${modelTitle(model)}`,
    href: routeLink('compare', [], comparisonQuery({ runs: [id, run.id], baseline: id })),
    value: (
      <>
        {signed(delta, decimals)}
        {deltaPercent !== null && <small>{`\u00a0 ${signed(deltaPercent, 1)} %`}</small>}
      </>
    ),
    good: better && significance?.significant,
    detail: significance && (
      <>
        {signedRange(significance.interval, decimals)}
        {LEVEL}
      </>
    ),
    title: significance
      ? `Against ${name}, of the fitted baselines of this protocol the best on validation items: 95 % interval, paired over ` +
        `${grouped(significance.count)} ${significance.unit}, p ${pValueText(significance.p)}`
      : undefined,
  };
}

function trainingFigures({ epochs, selectedEpoch, parameters, seconds, device }: MeasuredRun): Figure[] {
  return [
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
      : [{ label: 'Time', value: durationText(seconds), detail: device ?? undefined }]),
  ];
}
