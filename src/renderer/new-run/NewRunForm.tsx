import { useQueries } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ErrorDetails } from '../../core/api/contract.ts';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { ModelInfo } from '../../core/api/models.ts';
import { parseSeeds } from '../../core/api/queue.ts';
import type { Settings } from '../../core/api/settings.ts';
import { shortcutLabel } from '../actions/keys.ts';
import { Button } from '../components/Button.tsx';
import { SearchField } from '../components/controls.tsx';
import { DialogHead } from '../components/Dialog.tsx';
import { DraftNote } from '../components/DraftNote.tsx';
import { DialogFoot } from '../components/Toasts.tsx';
import { countText } from '../format/format.ts';
import { compareRuns } from '../runs/changes.ts';
import { api, client, errorDetails, useKeptAnswers } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { goTo } from '../state/navigation.ts';
import { askToNotify, attempt, notify } from '../state/toasts.ts';
import { type Asked, askedOf, isVaried, problemsOf, type Question, questionOf, runsAlike } from './asked.ts';
import { CopyCommands } from './CommandPanel.tsx';
import { type Change, type RunDraft, type RunTemplate, withSettings } from './draft.ts';
import { EstimatePanel, useEstimates } from './EstimatePanel.tsx';
import { Begins, FoundSettings, RunSections, SharedSection, What } from './FormParts.tsx';
import { IdMatchPanel, useIdMatch } from './IdMatchPanel.tsx';
import { ModelSection } from './ModelSection.tsx';
import { useModelStates } from './model-states.ts';
import { closeNewRun, keepRunDraft, openNewRun, useLastChoice } from './new-run.ts';
import { SaveAsPreset } from './own-presets.tsx';
import { SaveAsPlan } from './SaveAsPlan.tsx';
import { ScalingSection } from './ScalingSection.tsx';
import { SearchSection } from './SearchSection.tsx';
import { trialsOf } from './Trials.tsx';

export interface NewRunFormProps {
  /** What it was opened with. */
  template: RunTemplate;
  first: RunDraft;
  /** It was typed before and not started. */
  kept: boolean;
  datasets: readonly DatasetSummary[];
  models: readonly ModelInfo[];
  settings: Settings;
}

export function NewRunForm({ template, first, kept, datasets, models, settings }: NewRunFormProps) {
  const [typed, setTyped] = useState(first);
  const [touched, setTouched] = useState(kept);
  const [search, setSearch] = useState('');
  const form = useRef<HTMLFormElement>(null);
  // Its keys work at once: what had the focus while it was loading is gone.
  useEffect(() => {
    if (!form.current?.contains(document.activeElement)) form.current?.focus();
  }, []);
  const [pressed, setPressed] = useState(false);
  const change: Change = (changes) => {
    setTouched(true);
    setPressed(false);
    setTyped((before) => ({ ...before, ...(typeof changes === 'function' ? changes(before) : changes) }));
  };
  useEffect(() => {
    if (touched) keepRunDraft(template, typed);
  }, [touched, typed, template]);
  const work = useWork(typed, models);
  const { draft, question, problems, asked, plans } = work;
  const estimates = useEstimates(work.alike);
  const match = useIdMatch(draft);
  const canStart = estimates.tooLarge === undefined && match?.isGood !== false && plans.isCurrent;
  const { starting, start } = useStart(work, models, template, (made) => {
    if (made.length > 0)
      change(({ models: all }) => ({ models: all.filter(({ model }) => !made.includes(model)) }));
  });
  const begin = () => {
    if (asked === null || plans.problems.some((one) => one !== null))
      requestAnimationFrame(() => showProblem(form.current));
    else if (canStart && !starting) void start();
  };
  // What is pressed waits until the program has said what is wrong with what was typed last.
  useEffect(() => {
    if (!pressed || !work.isCurrent) return;
    setPressed(false);
    begin();
  });
  const submit = () => {
    setTouched(true);
    setPressed(true);
  };
  const discard = () => {
    keepRunDraft(template, null);
    openNewRun(template);
  };
  // Base and Large have the settings that all of them share; what else is varied shows, to be fixed.
  const shown = question === 'base-large' ? work.states.filter(isVaried) : work.states;
  return (
    <form
      ref={form}
      className="new-run column fill"
      tabIndex={-1}
      onKeyDown={(event) => onFormKey(event, form.current, submit)}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <DialogHead title="New run" onClose={closeNewRun}>
        <SearchField
          label="Find a setting"
          placeholder="Find a setting"
          value={search}
          onValue={setSearch}
          className="new-run-search"
        />
        {search.trim() !== '' && shown.length > 0 && (
          <FoundSettings search={search} states={shown} onSearch={setSearch} />
        )}
        {touched && <DraftNote className="push" onDiscard={discard} />}
      </DialogHead>
      <div className="new-run-body fill grid">
        <div className="new-run-choices shrinks flattens scrolls">
          <What draft={draft} datasets={datasets} models={models} onChange={change} />
          <SharedSection draft={typed} states={work.states} search={search.trim()} onChange={change} />
          {shown.map((state) => (
            <ModelSection
              key={state.info.id}
              state={state}
              typed={typed.models[work.states.indexOf(state)]}
              dataset={draft.dataset}
              shared={draft.shared}
              search={search.trim()}
              touched={touched}
              varying={{
                can: question === 'runs' || question === 'sweep',
                listed: draft.search.by === 'grid',
                problems: problems.vary[work.states.indexOf(state)],
                trials: work.trialsOf(state.info.id),
              }}
              onChange={(changes) =>
                change(({ models: before }) => ({
                  models: before.map((one) => (one.model === state.info.id ? { ...one, ...changes } : one)),
                }))
              }
            />
          ))}
          {match && <IdMatchPanel match={match} onChange={change} />}
          {question === 'sweep' && (
            <SearchSection
              search={typed.search}
              trials={trialsOf(plans.plans) || null}
              problems={problems.search}
              problem={plans.problems.find((problem) => problem && problem.field === undefined) ?? null}
              onSearch={(changes) => change(({ search: before }) => ({ search: { ...before, ...changes } }))}
            />
          )}
          <ScalingSection
            draft={typed}
            states={work.states}
            problems={problems.scaling}
            study={asked?.studies[0]}
            plan={plans.plans[0]}
            problem={question === 'sweep' ? null : (plans.problems[0] ?? null)}
            onChange={change}
          />
          <RunSections draft={draft} settings={settings} onChange={change} />
        </div>
        <EstimatePanel
          question={question}
          asked={asked}
          plans={plans.plans}
          alike={work.alike}
          hasModels={draft.models.length > 0}
          estimates={estimates}
          configs={Object.fromEntries(work.states.map(({ info, resolved }) => [info.id, resolved ?? {}]))}
          onSettings={(of) => change(({ models: before }) => ({ models: withSettings(before, of) }))}
        />
      </div>
      <DialogFoot>
        <Begins question={question} draft={draft} />
        {asked && (
          <span className="new-run-copy">
            <CopyCommands asked={asked}>Copy the commands</CopyCommands>
          </span>
        )}
        <SaveAsPreset models={typed.models} />
        <SaveAsPlan asked={asked} />
        <Button onClick={closeNewRun}>
          Cancel <kbd>Esc</kbd>
        </Button>
        <Button kind="primary" type="submit" disabled={!canStart || starting}>
          {work.deed} <kbd>{shortcutLabel('Mod+↵')}</kbd>
        </Button>
      </DialogFoot>
    </form>
  );
}

/** Enter after a number shall not start hours of work; with Mod it shall. A slash leads to the settings' search. */
function onFormKey(event: KeyboardEvent, form: HTMLFormElement | null, submit: () => void): void {
  const { target, key } = event;
  const isText = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  else if (key === '/' && !isText) form?.querySelector<HTMLElement>('.new-run-search')?.focus();
  else if (key !== 'Enter' || !(target instanceof HTMLInputElement)) return;
  event.preventDefault();
}

/** Shows what cannot be started first. */
function showProblem(form: HTMLFormElement | null): void {
  const marked = form?.querySelector<HTMLElement>('[aria-invalid="true"], .problem');
  marked?.scrollIntoView({ block: 'center' });
  marked?.focus({ preventScroll: true });
}

/** What comes of the draft, as far as the program has counted it. */
function useWork(typed: RunDraft, models: readonly ModelInfo[]) {
  const { draft, states, isCurrent } = useModelStates(typed, models);
  const question = questionOf(draft);
  const problems = problemsOf(draft, states);
  const asked = askedOf(draft, states, problems);
  const plans = usePlans(asked);
  const planOf = (model: string) => {
    const at = asked?.studies.findIndex(({ base }) => base.model === model) ?? -1;
    return { plan: plans.plans[at], problem: plans.problems[at] ?? null };
  };
  const studied = asked?.studies.map((study, at) => runsAlike(study, plans.plans[at])) ?? [];
  const isCounted = asked !== null && studied.every((runs) => runs.length > 0);
  const alike = isCounted
    ? [...asked.runs.map((request) => ({ request, count: request.seeds.length })), ...studied.flat()]
    : null;
  return {
    ...{ draft, question, problems, asked, plans, alike, isCurrent },
    // What is wrong with trials, the program says of all of them.
    states: states.map((state) =>
      question === 'sweep' && isVaried(state)
        ? { ...state, problem: atField(planOf(state.info.id).problem) }
        : state,
    ),
    trialsOf: (model: string) => {
      const { plan } = planOf(model);
      return plan && 'trials' in plan ? plan.trials : [];
    },
    deed: deedText(draft, question, asked, plans),
  };
}

/** What is wrong with no field of the model stands at the search. */
const atField = (problem: ErrorDetails | null) => (problem?.field === undefined ? null : problem);

/** "Queue 3 runs", "Start 12 trials", "Start 12 trials, 1 run". */
function deedText(
  { seeds, models }: RunDraft,
  question: Question,
  asked: Asked | null,
  { plans, isCurrent }: Plans,
): string {
  if (question === 'runs') {
    const parsed = parseSeeds(seeds);
    const count = ('seeds' in parsed ? parsed.seeds.length : 1) * models.length;
    return count > 1 ? `Queue ${count} runs` : 'Queue run';
  }
  if (asked === null || !isCurrent) return 'Start';
  const trials = trialsOf(plans);
  const points = plans.reduce((sum, plan) => sum + (plan && 'points' in plan ? plan.points.length : 0), 0);
  const runs = asked.runs.reduce((sum, run) => sum + run.seeds.length, points);
  const parts = [trials > 0 ? countText(trials, 'trial') : '', runs > 0 ? countText(runs, 'run') : ''];
  return `Start ${parts.filter((part) => part !== '').join(', ')}`;
}

/** Starts all of it, and says where it is. */
function useStart(
  { asked, draft }: Pick<ReturnType<typeof useWork>, 'asked' | 'draft'>,
  models: readonly ModelInfo[],
  template: RunTemplate,
  onMade: (models: string[]) => void,
) {
  const [starting, setStarting] = useState(false);
  const [, remember] = useLastChoice();
  const start = async () => {
    if (asked === null) return;
    setStarting(true);
    const made: string[] = [];
    let runs: string[] = [];
    const failure = asked.question === 'runs' ? 'Could not queue the runs' : 'Could not start all of it';
    const started = await attempt(failure, async () => {
      for (const { name, request } of asked.studies)
        made.push((await client.studies.create({ name, request })).id);
      if (asked.runs.length > 0) ({ runs } = await client.queue.enqueue({ requests: asked.runs }));
    });
    setStarting(false);
    if (!started) return onMade(asked.studies.slice(0, made.length).map(({ base }) => base.model));
    const [{ model }] = draft.models;
    const [first] = [...asked.runs, ...asked.studies.map(({ base }) => base)];
    remember({ dataset: draft.dataset, model, on: first.on });
    keepRunDraft(template, null);
    askToNotify();
    closeNewRun();
    if (asked.question !== 'runs')
      return goTo(asked.question === 'sweep' ? 'sweeps' : 'scaling', made.length === 1 ? made : []);
    const title = models.find(({ id }) => id === model)?.title ?? model;
    const of = draft.models.length === 1 ? title : `${draft.models.length} models`;
    notify({
      level: 'info',
      title: `Queued ${countText(runs.length, 'run')} of ${of}`,
      action:
        runs.length === 1
          ? { label: 'Open run', perform: () => goTo('run', [runs[0]]) }
          : { label: 'Compare', perform: () => compareRuns(runs) },
    });
  };
  return { starting, start };
}

const SETTLE_MS = 300;
const NONE: Asked['studies'] = [];

type Plans = ReturnType<typeof usePlans>;

/** The trials and runs that searches and studies would have, once what they are asked with has stayed as it is for a moment. */
function usePlans(asked: Asked | null) {
  const requests = (asked?.studies ?? NONE).map(({ request }) => request);
  const settled = useDebounced(requests, SETTLE_MS);
  const answers = useQueries({
    queries: settled.map((input) => api.studies.plan.queryOptions({ input })),
  });
  const plans = useKeptAnswers(
    settled.map(({ kind }, at) => `${kind} ${at}`),
    answers,
  );
  const failed = answers.find(({ error }) => error !== null)?.error;
  return {
    plans: plans.slice(0, requests.length),
    /** Of each, why the program cannot start it. */
    problems: requests.map((_, at) => (failed ? errorDetails(failed) : (plans[at]?.problem ?? null))),
    /** They are of what is asked now, so that what starts is what was counted. */
    isCurrent:
      JSON.stringify(settled) === JSON.stringify(requests) &&
      answers.every(({ data }) => data?.problem === null),
  };
}
