import { useQuery } from '@tanstack/react-query';
import { ListOrdered } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { beginText } from '../../core/api/clock.ts';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { type ModelInfo, protocolPhrase } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { Settings } from '../../core/api/settings.ts';
import { shortcutLabel } from '../actions/keys.ts';
import { DeviceChoice, useDeviceWords } from '../app/DeviceChoice.tsx';
import { Button, Icon } from '../components/Button.tsx';
import { draftFields, SearchField, TextField } from '../components/controls.tsx';
import { DialogHead } from '../components/Dialog.tsx';
import { DraftNote } from '../components/DraftNote.tsx';
import { isFound, SchemaForm } from '../components/SchemaForm.tsx';
import { countText } from '../format/format.ts';
import { compareRuns } from '../runs/changes.ts';
import { ProjectField } from '../runs/ProjectField.tsx';
import { useTimesOfNew } from '../runs/use-clock.ts';
import { api, client, problemText, windowText } from '../state/api.ts';
import { useHosts } from '../state/hosts.ts';
import { goTo, routeLink } from '../state/navigation.ts';
import { askToNotify, attempt, notify } from '../state/toasts.ts';
import { CopyCommands } from './CommandPanel.tsx';
import { DatasetField } from './DatasetField.tsx';
import {
  type Change,
  modelDraft,
  type RunDraft,
  type RunTemplate,
  requestsOf,
  sharedFields,
  threadsProblem,
} from './draft.ts';
import { EstimatePanel, useEstimates } from './EstimatePanel.tsx';
import { IdMatchPanel, useIdMatch } from './IdMatchPanel.tsx';
import { ModelField } from './ModelField.tsx';
import { ModelSection } from './ModelSection.tsx';
import { type ModelState, useModelStates } from './model-states.ts';
import { closeNewRun, keepRunDraft, openNewRun, useLastChoice } from './new-run.ts';
import { PlaceFields } from './PlaceFields.tsx';
import { placeDraft, placeWords } from './place.ts';
import { Section } from './Section.tsx';
import { parseSeeds } from './seeds.ts';

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
  const change: Change = (changes) => {
    setTouched(true);
    setTyped((before) => ({ ...before, ...(typeof changes === 'function' ? changes(before) : changes) }));
  };
  useEffect(() => {
    if (touched) keepRunDraft(template, typed);
  }, [touched, typed, template]);
  const { draft, states } = useModelStates(typed, models);
  const isWrong = states.some(({ problem }) => problem !== null);
  const requests = isWrong ? null : requestsOf(draft, models);
  const estimates = useEstimates(requests);
  const match = useIdMatch(draft);
  const canStart = estimates.tooLarge === undefined && match?.isGood !== false;
  const { starting, start } = useStart(requests, draft, models, template);
  const submit = () => {
    setTouched(true);
    if (requests === null) requestAnimationFrame(() => showProblem(form.current));
    else if (canStart && !starting) void start();
  };
  const discard = () => {
    keepRunDraft(template, null);
    openNewRun(template);
  };
  const seeds = parseSeeds(draft.seeds);
  const count = ('seeds' in seeds ? seeds.seeds.length : 1) * draft.models.length;
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
        {touched && <DraftNote className="push" onDiscard={discard} />}
      </DialogHead>
      <div className="new-run-body fill grid">
        <div className="new-run-choices shrinks flattens scrolls">
          <What draft={draft} datasets={datasets} models={models} onChange={change} />
          <SharedSection draft={typed} states={states} search={search.trim()} onChange={change} />
          {states.map((state, at) => (
            <ModelSection
              key={state.info.id}
              state={state}
              typed={typed.models[at]}
              dataset={draft.dataset}
              shared={draft.shared}
              search={search.trim()}
              touched={touched}
              onChange={(changes) =>
                change(({ models: before }) => ({
                  models: before.map((one) => (one.model === state.info.id ? { ...one, ...changes } : one)),
                }))
              }
            />
          ))}
          {match && <IdMatchPanel match={match} onChange={change} />}
          <RunSections draft={draft} settings={settings} onChange={change} />
        </div>
        <EstimatePanel requests={requests} hasModels={draft.models.length > 0} estimates={estimates} />
      </div>
      <div className="dialog-foot flex gap-2 line-above panel-inset">
        <Begins on={draft.where.on} device={draft.device} />
        {requests && (
          <span className="new-run-copy">
            <CopyCommands requests={requests}>Copy the commands</CopyCommands>
          </span>
        )}
        <Button onClick={closeNewRun}>
          Cancel <kbd>Esc</kbd>
        </Button>
        <Button kind="primary" type="submit" disabled={!canStart || starting}>
          {count > 1 ? `Queue ${count} runs` : 'Queue run'} <kbd>{shortcutLabel('Mod+↵')}</kbd>
        </Button>
      </div>
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

/** Queues all runs or none, and says where they are. */
function useStart(
  requests: ReturnType<typeof requestsOf>,
  draft: RunDraft,
  models: readonly ModelInfo[],
  template: RunTemplate,
) {
  const [starting, setStarting] = useState(false);
  const [, remember] = useLastChoice();
  const start = async () => {
    if (requests === null) return;
    setStarting(true);
    let runs: string[] = [];
    const started = await attempt('Could not queue the runs', async () => {
      ({ runs } = await client.queue.enqueue({ requests }));
    });
    setStarting(false);
    if (!started) return;
    const [{ model }] = draft.models;
    remember({ dataset: draft.dataset, model, on: requests[0].on });
    keepRunDraft(template, null);
    askToNotify();
    closeNewRun();
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

interface PartProps {
  draft: RunDraft;
  onChange: Change;
}

const COUNTS = ['1', '3', '5'];

/** Data set and seeds in one line, and the models. */
function What({
  draft,
  datasets,
  models,
  onChange,
}: PartProps & { datasets: readonly DatasetSummary[]; models: readonly ModelInfo[] }) {
  const seeds = parseSeeds(draft.seeds);
  const chosen = draft.models.map(({ model }) => model);
  const { dataset } = draft;
  const { error } = useQuery({
    ...api.models.obstacles.queryOptions({ input: { dataset } }),
    enabled: dataset !== '',
  });
  return (
    <div className="new-run-what grid page-inset">
      <div className="stack">
        <DatasetField datasets={datasets} chosen={dataset} onChosen={(name) => onChange({ dataset: name })} />
        {error && (
          <p className="field-problem" role="alert">
            {problemText(error)}
          </p>
        )}
      </div>
      <div className="new-run-seeds grid">
        <fieldset className="segments flex" aria-label="Number of seeds">
          {COUNTS.map((count) => (
            <button
              key={count}
              type="button"
              aria-pressed={'seeds' in seeds && seeds.seeds.length === Number(count)}
              onClick={() => onChange({ seeds: count === '1' ? '1' : `1-${count}` })}
            >
              {count}
            </button>
          ))}
        </fieldset>
        <TextField
          label="Seeds"
          terse
          help="One run per seed: 1, 2 or 1-5"
          problem={'problem' in seeds ? seeds.problem : null}
          value={draft.seeds}
          onValue={(text) => onChange({ seeds: text })}
        />
      </div>
      <ModelField
        several
        models={models}
        dataset={draft.dataset}
        chosen={chosen}
        onChosen={(ids) =>
          onChange(({ models: before }) => ({
            models: ids.map((id) => before.find(({ model }) => model === id) ?? modelDraft(id)),
          }))
        }
      />
    </div>
  );
}

interface SharedSectionProps extends PartProps {
  states: readonly ModelState[];
  search: string;
}

/** How every model is measured. */
function SharedSection({ draft, states, search, onChange }: SharedSectionProps) {
  const [opened, setOpened] = useState(false);
  const fields = sharedFields(states.map(({ info }) => info));
  if (fields.length === 0) return null;
  const isShared = (key: string | undefined) => fields.some((field) => field.key === key);
  const problem = states.find((one) => one.problem !== null && isShared(one.problem.field))?.problem;
  const config = Object.assign(
    {},
    ...states.toReversed().map(({ plain, resolved }) => ({ ...plain, ...resolved })),
  );
  const phrases = states.flatMap(({ resolved }) => (resolved && protocolPhrase(resolved)) ?? []);
  const found = search !== '' && fields.some((field) => isFound(field, search));
  return (
    <Section
      title={states.length > 1 ? 'All models' : 'Protocol'}
      summary={new Set(phrases).size > 1 ? 'The presets measure in different ways' : (phrases[0] ?? '')}
      open={opened || found || problem !== undefined || draft.problems > 0}
      onOpen={setOpened}
    >
      <SchemaForm
        fields={fields}
        values={draft.shared}
        defaults={config}
        problems={problem?.field ? { [problem.field]: windowText({ ...problem, field: undefined }) } : {}}
        search={search}
        onChange={(shared, problems) => onChange({ shared, problems })}
      />
    </Section>
  );
}

/** Where the runs train, and what they are called. */
function RunSections({ draft, settings, onChange }: PartProps & { settings: Settings }) {
  const [device, setDevice] = useState(false);
  const [naming, setNaming] = useState(false);
  const field = draftFields(draft, onChange);
  const problem = threadsProblem(draft.threads);
  const threads = draft.threads.trim() || String(settings.threads ?? 'all');
  const deviceWords = useDeviceWords(draft.device);
  const { data: hosts = [] } = useHosts();
  const { name, project, tags, where } = draft;
  const host = hosts.find((one) => one.name === where.on);
  const threadsWords = threads === '1' ? '1 thread' : `${threads} threads`;
  const isWrong = problem !== null || !placeDraft.safeParse(where).success;
  const words = [
    name.trim() || 'named by model and data set',
    project.trim() && `project ${project.trim()}`,
    tags,
  ];
  return (
    <>
      <Section
        title={hosts.length > 0 ? 'Where' : 'Device'}
        summary={where.on === '' ? `${deviceWords}, ${threadsWords}` : placeWords(where, host)}
        tools={
          hosts.length === 0 && (
            <a className="muted" href={routeLink('settings', ['hosts'])} onClick={closeNewRun}>
              Train on another machine
            </a>
          )
        }
        open={device || isWrong}
        onOpen={setDevice}
      >
        <PlaceFields {...field('where')} />
        {where.on === '' && <DeviceChoice {...field('device')} />}
        <TextField
          label="Threads"
          help={`CPU threads (empty: ${settings.threads ?? 'all'})`}
          mode="decimal"
          problem={problem}
          {...field('threads')}
        />
      </Section>
      <Section
        title="Name, tags"
        summary={words.filter((part) => part !== '').join(' · ')}
        open={naming}
        onOpen={setNaming}
      >
        <div className="form grid">
          <TextField label="Name" placeholder="By model and data set" {...field('name')} />
          <ProjectField {...field('project')} />
          <TextField label="Tags" help="Separated by commas" {...field('tags')} />
        </div>
      </Section>
    </>
  );
}

/** When the first of the runs would begin. */
function Begins({ on, device }: { on: string; device: EnqueueRequest['device'] }) {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const [time] = useTimesOfNew(queue, [{ requestedDevice: device, place: null, expected: null }]) ?? [];
  return (
    <span className="row muted new-run-begins">
      <Icon of={ListOrdered} />
      {on === '' ? time && `Begins ${beginText(time.begins, Date.now())}` : `Begins when ${on} has room`}
    </span>
  );
}
