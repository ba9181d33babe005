import { useQuery } from '@tanstack/react-query';
import { Database, ListOrdered, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { beginText } from '../../core/api/clock.ts';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { pausedText } from '../../core/api/machines.ts';
import { type ModelInfo, protocolPhrase } from '../../core/api/models.ts';
import { parseSeeds } from '../../core/api/queue.ts';
import type { Settings } from '../../core/api/settings.ts';
import { DeviceChoice, useDeviceWords } from '../app/DeviceChoice.tsx';
import { Icon } from '../components/Button.tsx';
import { draftFields, TextField } from '../components/controls.tsx';
import { Meant } from '../components/Meant.tsx';
import { PickField } from '../components/PickField.tsx';
import { isFound, SchemaForm } from '../components/SchemaForm.tsx';
import { schemaFields } from '../components/schema.ts';
import { countText } from '../format/format.ts';
import { meantWords } from '../format/meant.ts';
import { ProjectField } from '../runs/ProjectField.tsx';
import { useTimesOfNew } from '../runs/use-clock.ts';
import { api, problemText, windowText } from '../state/api.ts';
import { useHosts } from '../state/hosts.ts';
import { routeLink } from '../state/navigation.ts';
import { type Question, questionOf } from './asked.ts';
import {
  type Change,
  type ModelDraft,
  modelDraft,
  type RunDraft,
  sharedFields,
  threadsProblem,
} from './draft.ts';
import { ModelField } from './ModelField.tsx';
import type { ModelState } from './model-states.ts';
import { closeNewRun } from './new-run.ts';
import { PlaceFields } from './PlaceFields.tsx';
import { placeDraft, placeWords } from './place.ts';
import { Section } from './Section.tsx';
import { isSteered } from './searches.ts';

interface PartProps {
  draft: RunDraft;
  onChange: Change;
}

const COUNTS = ['1', '3', '5'];

/** Data set and seeds in one line, and the models. */
export function What({
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
          help={
            questionOf(draft) === 'sweep' && isSteered(draft.search)
              ? 'Of the best trials, once they are found: 1, 2 or 1-5'
              : 'One run per seed: 1, 2 or 1-5'
          }
          problem={'problem' in seeds ? seeds.problem : null}
          value={draft.seeds}
          onValue={(text) => onChange({ seeds: text })}
        />
      </div>
      <ModelField
        models={models}
        dataset={draft.dataset}
        chosen={chosen}
        onChosen={(ids) =>
          onChange(({ models: before }) => ({
            models: ids.map(
              (id) => before.find(({ model }) => model === id) ?? variedAlike(id, before[0], models),
            ),
          }))
        }
      />
    </div>
  );
}

/** A model that joins others is varied as they are, as far as it has what they vary. */
function variedAlike(id: string, other: ModelDraft | undefined, models: readonly ModelInfo[]): ModelDraft {
  const groups = models.find((info) => info.id === id)?.groups ?? {};
  const vary = Object.entries(other?.vary ?? {}).filter(([key]) => key in groups);
  return { ...modelDraft(id), vary: Object.fromEntries(vary) };
}

interface SharedSectionProps extends PartProps {
  states: readonly ModelState[];
  search: string;
}

/** How every model is measured. */
export function SharedSection({ draft, states, search, onChange }: SharedSectionProps) {
  const [opened, setOpened] = useState(false);
  const ofAll = questionOf(draft) === 'base-large';
  const infos = states.map(({ info }) => info);
  const fields = sharedFields(infos, draft.shared, ofAll);
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
      title={states.length > 1 || ofAll ? 'All models' : 'Protocol'}
      summary={new Set(phrases).size > 1 ? 'Presets use different protocols' : (phrases[0] ?? '')}
      open={opened || found || problem !== undefined || draft.problems > 0}
      onOpen={setOpened}
    >
      <SchemaForm
        fields={fields}
        values={draft.shared}
        texts={draft.texts}
        defaults={config}
        shown={ofAll ? infos[0].essentials : undefined}
        problems={problem?.field ? { [problem.field]: windowText({ ...problem, field: undefined }) } : {}}
        search={search}
        onChange={(shared, problems, texts) => onChange({ shared, problems, texts })}
      />
    </Section>
  );
}

/** Where the runs train, and what they are called. */
export function RunSections({ draft, settings, onChange }: PartProps & { settings: Settings }) {
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
  // A search is in no project, and has no tags.
  const isRun = questionOf(draft) === 'runs';
  const words = [
    name.trim() || 'named by model and data set',
    ...(isRun ? [project.trim() && `project ${project.trim()}`, tags] : []),
  ];
  return (
    <>
      <Section
        title={hosts.length > 0 ? 'Where' : 'Device'}
        summary={where.on === '' ? `${deviceWords}, ${threadsWords}` : placeWords(where, host)}
        tools={
          hosts.length === 0 && (
            <a className="muted" href={routeLink('machines')} onClick={closeNewRun}>
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
        title={isRun ? 'Name, tags' : 'Name'}
        summary={words.filter((part) => part !== '').join(' · ')}
        open={naming}
        onOpen={setNaming}
      >
        <div className="form grid">
          <TextField label="Name" placeholder="By model and data set" {...field('name')} />
          {isRun && <ProjectField {...field('project')} />}
          {isRun && <TextField label="Tags" help="Separated by commas" {...field('tags')} />}
        </div>
      </Section>
    </>
  );
}

const VARIED: Record<Exclude<Question, 'runs'>, string> = {
  sweep: 'A varied field makes it a search',
  law: 'A varied size or share makes it a study',
  'base-large': 'Base and Large make it a study',
};

/** What it is, where something is varied; else when the first of the runs would begin. */
export function Begins({ question, draft }: { question: Question; draft: RunDraft }) {
  const { on } = draft.where;
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const [time] = useTimesOfNew(queue, [{ requestedDevice: draft.device, place: null, expected: null }]) ?? [];
  const paused = queue && pausedText(queue, on || null);
  const begins = paused
    ? `Does not begin: ${paused}`
    : on === ''
      ? time && `Begins ${beginText(time.begins, Date.now())}`
      : `Begins when ${on} has room`;
  return (
    <span className="row muted toolbar-start new-run-begins">
      <Icon of={question === 'runs' ? ListOrdered : SlidersHorizontal} />
      {question === 'runs' ? begins : VARIED[question]}
    </span>
  );
}

interface DatasetFieldProps {
  datasets: readonly DatasetSummary[];
  /** Its name. */
  chosen: string;
  onChosen(name: string): void;
}

/** A data set, with its size. */
function DatasetField({ datasets, chosen, onChosen }: DatasetFieldProps) {
  const current = datasets.find(({ name }) => name === chosen);
  const line = (dataset: DatasetSummary) => (
    <>
      <Icon of={Database} />
      <strong className="clip">{dataset.name}</strong>
      <span className="clip muted">{sizeText(dataset)}</span>
    </>
  );
  return (
    <PickField
      label="Data set"
      placeholder="Search data sets"
      groups={[
        {
          title: '',
          rows: datasets.map((dataset) => ({ id: dataset.name, name: dataset.name, content: line(dataset) })),
        },
      ]}
      chosen={current ? [chosen] : []}
      onChosen={([name]) => onChosen(name)}
    >
      {current && <span className="pick-chosen row shrinks">{line(current)}</span>}
    </PickField>
  );
}

function sizeText({ clicks, statistics: { users, items } }: DatasetSummary): string {
  return clicks
    ? `click log of ${countText(clicks.rows, 'row')}`
    : `${countText(users, 'user')}, ${countText(items, 'item')}`;
}

interface FoundSettingsProps {
  search: string;
  states: readonly ModelState[];
  onSearch(text: string): void;
}

/** "2 of 57 settings", and what was meant where there is none. */
export function FoundSettings({ search, states, onSearch }: FoundSettingsProps) {
  const fields = new Map(
    states.flatMap(({ info }) => schemaFields(info.configSchema)).map((field) => [field.key, field]),
  );
  const found = [...fields.values()].filter((field) => isFound(field, search.trim())).length;
  const names = [...fields.values()].map(({ key, label }) => `${key} ${label}`);
  return (
    <span className="small muted" role="status">
      {found} of {countText(fields.size, 'setting')}
      <Meant text={found > 0 ? null : meantWords(search, names)} onTake={onSearch} />
    </span>
  );
}
