import { Medal, Pause, Plus, Scale } from 'lucide-react';
import { useMemo } from 'react';
import { settingTitle } from '../../../core/api/models.ts';
import { isUnfinished, phaseOf } from '../../../core/api/runs.ts';
import {
  choiceText,
  finalistsText,
  type SweepPage,
  searchCaption,
  searchFigure,
  searchTexts,
  sweepStatement,
  sweptText,
} from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { capital, countText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { compareRuns } from '../../runs/changes.ts';
import { client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { StudyFrame, useStudy } from '../../studies/StudyFrame.tsx';
import { SWEEPS } from '../../studies/words.ts';
import { Finalists } from './Finalists.tsx';
import { Budgets, Rungs, WhatMattered, WorthContinuing } from './SearchParts.tsx';
import { SettingStrips, SweepChart } from './SweepChart.tsx';
import { SweepHeadline } from './SweepHeadline.tsx';
import { TrialsTable } from './TrialsTable.tsx';

/** Trials that a sweep is extended by. */
const MORE = 20;
/** Trials that are compared at once. */
const COMPARED = 5;

/** Finalists, and the seeds that each is trained from. */
const [FINALISTS, SEEDS] = [3, 3];

function testFinalists({ id, spec }: SweepPage) {
  const [first] = spec.seeds;
  const seeds = Array.from({ length: SEEDS }, (_, at) => first + at);
  return attempt('Could not test the finalists', () =>
    client.studies.testFinalists({ study: id, trials: FINALISTS, seeds }),
  );
}

/** Whether a run is unfinished, or missing. */
const canResume = ({ trials, spec }: SweepPage) =>
  !spec.sweep.found &&
  (spec.sweep.state === 'paused' ||
    trials.some(({ runs }) => runs.length < spec.seeds.length || runs.some(isUnfinished)));

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
  const finalists: Action = {
    ...{ id: 'sweeps.finalists', label: 'Test the finalists of this sweep', group: 'Run', shortcut: 'f' },
    ...{ short: `Test finalists, ${SEEDS} seeds`, icon: Medal },
    why: 'Its trials still train',
    enabled: () =>
      state !== 'open' &&
      sweep?.trials.every(({ status }) => status === null || phaseOf(status) === 'ended') === true,
    perform: () => sweep && void testFinalists(sweep),
  };
  const canTest = ranked.length > 1 && !sweep?.spec.sweep.found && sweep?.spec.sweep.finalists === undefined;
  return (
    <StudyFrame
      words={SWEEPS}
      study={id}
      query={query}
      page={sweep}
      canResume={sweep !== undefined && canResume(sweep)}
      actions={[
        ...(state === 'open' ? [pause] : canExtend ? [extend] : []),
        ...(canTest ? [finalists] : []),
        compare,
        again,
      ]}
    >
      {sweep && <SweepBody sweep={sweep} />}
    </StudyFrame>
  );
}

function SweepBody({ sweep }: { sweep: SweepPage }) {
  const { spec, best, problem } = sweep;
  const { search, draw, vary, found } = spec.sweep;
  const told = finalistsText(spec, sweep.trials);
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
        {`${sweptText(spec)}, ${searched}.`} {best && `The best trial ${choiceText(spec.sweep)}`}{' '}
        {told && `${capital(told)}.`}
      </Statement>
      {problem && <p className="banner row line-below surface">{problem}</p>}
      <SweepHeadline sweep={sweep} />
      <div className="study-page grid gap-6">
        <div className="study-columns grid">
          <Search sweep={sweep} />
          <div className="grid gap-6">
            <WorthContinuing sweep={sweep} />
            <WhatMattered sweep={sweep} />
            <Rungs sweep={sweep} />
            <Budgets sweep={sweep} />
          </div>
        </div>
        <Finalists sweep={sweep} />
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
        <span>
          Diamond: trained to the end, filled the best trial. The test results of all others are left out.
        </span>
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
      <p className="muted small">{[`${searchCaption(spec)}.`, ...searchTexts(spec.sweep)].join(' ')}</p>
    </section>
  );
}
