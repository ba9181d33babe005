import { Plus, Scale } from 'lucide-react';
import { settingTitle } from '../../../core/api/models.ts';
import { UNFINISHED } from '../../../core/api/runs.ts';
import { choiceText, type SweepPage, sweepStatement, sweptText } from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { countText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { compareRuns } from '../../runs/changes.ts';
import { StudyFrame, useStudy } from '../../studies/StudyFrame.tsx';
import { SWEEPS } from '../../studies/words.ts';
import { SettingStrips, SweepChart } from './SweepChart.tsx';
import { SweepHeadline } from './SweepHeadline.tsx';
import { TrialsTable } from './TrialsTable.tsx';
import { TrialTiles } from './TrialTiles.tsx';
import { WhatMattered } from './WhatMattered.tsx';

/** Trials that are compared at once. */
const COMPARED = 5;

/** Whether a run has ended otherwise than completed, or is missing. */
const canResume = ({ trials, spec }: SweepPage) =>
  !spec.sweep.found &&
  trials.some(
    ({ runs }) => runs.length < spec.seeds.length || runs.some(({ status }) => UNFINISHED.includes(status)),
  );

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
  return (
    <StudyFrame
      words={SWEEPS}
      study={id}
      query={query}
      page={sweep}
      canResume={sweep !== undefined && canResume(sweep)}
      actions={[again, compare]}
    >
      {sweep && <SweepBody sweep={sweep} />}
    </StudyFrame>
  );
}

function SweepBody({ sweep }: { sweep: SweepPage }) {
  const { spec, best, problem } = sweep;
  const { search, draw, vary, found } = spec.sweep;
  const own = `${search === 'grid' ? 'grid search' : `random search (draw ${draw})`}, ${countText(spec.seeds.length, 'seed')} per trial`;
  const searched = found ? `searched by ${found.program}` : own;
  return (
    <>
      <Statement {...sweepStatement(sweep.trials)} large>
        {sweptText(spec)}, {searched}. {best && `The best trial ${choiceText(spec.sweep)}`}
      </Statement>
      {problem && <p className="banner row line-below surface">{problem}</p>}
      <SweepHeadline sweep={sweep} />
      <div className="study-page grid gap-6">
        <div className="study-columns grid">
          <TrialTiles sweep={sweep} />
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
    </>
  );
}
