import { Pause, Plus, Scale } from 'lucide-react';
import { useMemo } from 'react';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { settingTitle } from '../../../core/api/models.ts';
import { UNFINISHED } from '../../../core/api/runs.ts';
import {
  choiceText,
  FEWEST_TRIALS,
  METHOD,
  type SweepPage,
  type SweepTrial,
  searchCaption,
  searchFigure,
  searchTexts,
  stateText,
  sweepStatement,
  sweptText,
  valuesText,
  whatMattered,
} from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Tiles } from '../../components/lists.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { countText, fixed } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { compareRuns } from '../../runs/changes.ts';
import { client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { StudyFrame, useStudy } from '../../studies/StudyFrame.tsx';
import { SWEEPS } from '../../studies/words.ts';
import { SettingStrips, SweepChart } from './SweepChart.tsx';
import { SweepHeadline } from './SweepHeadline.tsx';
import { TrialsTable } from './TrialsTable.tsx';

/** Trials that a sweep is extended by. */
const MORE = 20;
/** Trials that are compared at once. */
const COMPARED = 5;

/** Whether a run has ended otherwise than completed, or is missing. */
const canResume = ({ trials, spec }: SweepPage) =>
  !spec.sweep.found &&
  (spec.sweep.state === 'paused' ||
    trials.some(
      ({ runs }) => runs.length < spec.seeds.length || runs.some(({ status }) => UNFINISHED.includes(status)),
    ));

function newRun({ spec, best }: SweepPage): void {
  const { model, preset, overrides, dataset, seeds, device } = spec;
  openNewRun({
    model,
    preset,
    dataset: dataset.name,
    overrides: { ...overrides, ...best?.settings },
    seeds,
    device,
  });
}

/** One sweep: its best trial so far, what the settings do, and all trials. */
export function SweepView({ sweep: id }: { sweep: string }) {
  const query = useStudy(SWEEPS, id);
  const sweep = query.data && 'trials' in query.data ? query.data : undefined;
  const ranked = sweep?.trials.filter(({ rank }) => rank !== null) ?? [];
  const compare: Action = {
    ...{ id: 'sweeps.compare', label: 'Compare the best trials', group: 'Run', shortcut: 'c' },
    ...{ short: 'Compare the best', icon: Scale },
    enabled: () => ranked.length > 1,
    perform: () => compareRuns(ranked.slice(0, COMPARED).flatMap(({ runs }) => runs.map((run) => run.id))),
  };
  const again: Action = {
    ...{ id: 'sweeps.run', label: 'New run with the best settings', group: 'Run', shortcut: 'r' },
    ...{ short: 'New run with the best', icon: Plus },
    enabled: () => ranked.length > 0 && !sweep?.spec.sweep.found,
    perform: () => sweep && newRun(sweep),
  };
  const { state, search = 'grid' } = sweep?.spec.sweep ?? {};
  const canExtend = sweep !== undefined && search !== 'grid' && !sweep.spec.sweep.found;
  const pause: Action = {
    ...{ id: 'sweeps.pause', label: 'Pause this sweep: begin no more trials', group: 'Run' },
    ...{ short: 'Pause', icon: Pause },
    enabled: () => true,
    perform: () => void attempt('Could not pause the sweep', () => client.studies.pause({ study: id })),
  };
  const extend: Action = {
    ...{ id: 'sweeps.extend', label: `Extend this sweep by ${MORE} trials`, group: 'Run' },
    ...{ short: `Extend by ${MORE}`, icon: Plus },
    enabled: () => true,
    perform: () =>
      void attempt('Could not extend the sweep', () => client.studies.extend({ study: id, trials: MORE })),
  };
  return (
    <StudyFrame
      words={SWEEPS}
      study={id}
      query={query}
      page={sweep}
      canResume={sweep !== undefined && canResume(sweep)}
      actions={[...(state === 'open' ? [pause] : canExtend ? [extend] : []), again, compare]}
    >
      {sweep && <SweepBody sweep={sweep} />}
    </StudyFrame>
  );
}

function SweepBody({ sweep }: { sweep: SweepPage }) {
  const { spec, best, problem } = sweep;
  const { search, draw, vary, found } = spec.sweep;
  const how = {
    grid: 'grid search',
    random: `random search (draw ${draw})`,
    tpe: `TPE proposes (draw ${draw})`,
  };
  const own = `${how[search]}, ${countText(spec.seeds.length, 'seed')} per trial`;
  const searched = found ? `searched by ${found.program}` : own;
  return (
    <div className="column tall">
      <Statement {...sweepStatement(spec, sweep.trials)} large>
        {[`${sweptText(spec)}, ${searched}.`, ...searchTexts(spec.sweep)].join(' ')}{' '}
        {best && `The best trial ${choiceText(spec.sweep)}`}
      </Statement>
      {problem && <p className="banner row line-below surface">{problem}</p>}
      <SweepHeadline sweep={sweep} />
      <div className="study-page grid gap-6">
        <div className="study-columns grid">
          {spec.sweep.state === undefined ? <TrialTiles sweep={sweep} /> : <Search sweep={sweep} />}
          <WhatMattered sweep={sweep} />
        </div>
        <div className="study-columns grid">
          <SweepChart sweep={sweep} />
          <TrialsTable sweep={sweep} />
        </div>
        <SettingStrips sweep={sweep} />
      </div>
      <ScreenFoot>
        <span>
          Trials are named by what differs:{' '}
          {vary.map(({ key }) => settingTitle(key).toLowerCase()).join(', ')}.
        </span>
        <span>Diamond: the best trial. The test results of all others are left out.</span>
      </ScreenFoot>
    </div>
  );
}

/** The trials as they climb, and the best so far. */
function Search({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const colour = useModelColour(spec.model);
  const figure = useMemo(() => searchFigure(spec, trials, colour), [spec, trials, colour]);
  if (!figure) return <p className="muted">Trials are drawn once one has a result.</p>;
  return (
    <section className="stack">
      <Figure spec={figure} />
      <p className="muted small">{searchCaption(spec)}.</p>
    </section>
  );
}

/** From as many trials on, tiles are smaller. */
const MANY = 45;

/** A tile a trial, the best on the left: filled once it has completed, a diamond the best. */
function TrialTiles({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const { metric } = spec.sweep;
  const colour = useModelColour(spec.model);
  const value = (trial: SweepTrial | undefined) => fixed(trial?.value?.mean, metricDecimals(metric));
  const measured = trials.filter((trial) => trial.value !== null);
  const range =
    measured.length > 0
      ? `${metricLabel(metric)} from ${value(measured[0])} to ${value(measured.at(-1))}`
      : 'No result yet';
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          Trials <span className="muted">best on the left</span>
        </h2>
        <span className="muted">{range}</span>
      </div>
      <div
        className="trial-tiles flex wrap"
        role="img"
        aria-label={`${measured.length} of ${trials.length} trials have a result. ${range}. ${stateText(trials)}`}
        data-many={trials.length >= MANY || undefined}
        style={{ color: colour }}
      >
        {trials.map((trial) => (
          <i
            key={trial.number}
            title={`${valuesText(trial)}: ${trial.value ? value(trial) : (trial.status ?? 'no run')}`}
            data-state={trial.rank === 1 ? 'best' : (trial.status ?? 'missing')}
          />
        ))}
      </div>
    </section>
  );
}

const TILES = 25;

/** How much of the differences between trials goes with each setting; nothing where the trials cannot be compared. */
function WhatMattered({ sweep: { spec, trials, problem } }: { sweep: SweepPage }) {
  const shares = useMemo(
    () =>
      whatMattered(
        trials,
        spec.sweep.vary.map(({ key }) => key),
      ),
    [spec, trials],
  );
  const measured = trials.filter(({ value }) => value !== null).length;
  if (problem !== null) return null;
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          What mattered{' '}
          {shares && (
            <span className="muted" title={METHOD}>
              share of the variance, each by itself, {countText(measured, 'trial')}
            </span>
          )}
        </h2>
      </div>
      {shares ? (
        <ul className="mattered" style={{ maxWidth: 460 }} title={METHOD}>
          {shares.map(({ key, share }) => (
            <li key={key} className="grid middle">
              <span className="clip">{settingTitle(key)}</span>
              <Tiles
                className="large gap-tile"
                filled={Math.round(TILES * share)}
                of={TILES}
                colour={undefined}
              />
              <span className="text-end">{fixed(100 * share, 0)} %</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">
          Needs {FEWEST_TRIALS} completed trials ({measured} so far).
        </p>
      )}
    </section>
  );
}
