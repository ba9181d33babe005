import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { ModelInfo } from '../../../core/api/models.ts';
import { type SweepPlan, settingsText } from '../../../core/api/studies.ts';
import { Button } from '../../components/Button.tsx';
import { draftFields, SelectField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Problem } from '../../components/Problem.tsx';
import { countText, durationText } from '../../format/format.ts';
import { modelChoices } from '../../new-run/RunChoices.tsx';
import { api, client, windowText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';
import {
  draftOfRun,
  emptyDraft,
  firstKey,
  type Problems,
  parseDraft,
  type SweepDraft,
} from './sweep-draft.ts';
import { VariedSettings } from './VariedSettings.tsx';

const SETTLE_MS = 300;
const NOTHING = { kind: 'sweep', search: 'grid', dataset: '', model: '' } as const;
const SEARCHES: { value: SweepDraft['search']; label: string }[] = [
  { value: 'grid', label: 'Grid: every combination' },
  { value: 'random', label: 'Random: drawn trials' },
];

interface NewSweepDialogProps {
  /** Id of a run whose settings are the ones to vary. */
  run: string | null;
  onClose(): void;
}

/** What to vary, with the trials that come of it before anything starts. */
export function NewSweepDialog({ run, onClose }: NewSweepDialogProps) {
  const models = useQuery(api.models.list.queryOptions());
  const page = useQuery({
    ...api.runs.show.queryOptions({ input: { run: run ?? '' } }),
    enabled: run !== null,
  });
  const datasets = useQuery(api.datasets.list.queryOptions());
  const error = models.error ?? page.error ?? datasets.error;
  const info = models.data?.find(({ id }) => id === (page.data?.run.model ?? emptyDraft.model));
  if (error || !info || !models.data || !datasets.data || (run !== null && !page.data)) {
    return (
      <Dialog title="New sweep" onClose={onClose} width={860} cancel="Cancel" foot={null}>
        {error ? <Problem error={error} /> : <p className="muted">Reading the models</p>}
      </Dialog>
    );
  }
  const names = datasets.data.map(({ name }) => name);
  const first = page.data ? draftOfRun(page.data.run, info) : { ...emptyDraft, dataset: names[0] ?? '' };
  return <SweepForm first={first} datasets={names} models={models.data} onClose={onClose} />;
}

interface SweepFormProps {
  first: SweepDraft;
  datasets: readonly string[];
  models: readonly ModelInfo[];
  onClose(): void;
}

function SweepForm({ first, datasets, models, onClose }: SweepFormProps) {
  const [draft, setDraft] = useState(first);
  const [starting, setStarting] = useState(false);
  const change = (changes: Partial<SweepDraft>) => setDraft((before) => ({ ...before, ...changes }));
  const { request, problems } = parseDraft(draft);
  const settled = useDebounced(request, SETTLE_MS);
  const input = settled ?? { ...NOTHING, vary: [], seeds: [] };
  const { data, isPlaceholderData } = useKeptQuery({
    ...api.studies.plan.queryOptions({ input }),
    enabled: settled !== null,
  });
  const plan = data && 'trials' in data ? data : null;
  const refused = request && data?.problem ? data.problem : null;
  const beside = refused?.field !== undefined && draft.vary.some(({ key }) => key === refused.field);
  if (refused && beside) problems[`vary ${refused.field}`] = windowText({ ...refused, field: undefined });
  const name = draft.name.trim() || `${draft.model}-${draft.dataset}-sweep`;
  const start = async () => {
    if (!request || starting) return;
    setStarting(true);
    await attempt('The sweep could not be made', async () => {
      const { id } = await client.studies.create({ name, request });
      goTo('sweeps', [id]);
    });
    setStarting(false);
  };
  const ready = request !== null && plan !== null && !isPlaceholderData;
  return (
    <Dialog
      title="New sweep"
      onClose={onClose}
      width={860}
      cancel="Cancel"
      foot={
        <Button kind="primary" disabled={!ready || starting} onClick={() => void start()}>
          {plan && request ? `Start ${countText(plan.runs, 'run')}` : 'Start'}
        </Button>
      }
    >
      <Fields
        draft={draft}
        problems={problems}
        name={name}
        datasets={datasets}
        models={models}
        onChange={change}
      />
      {datasets.length === 0 && <p className="problem">Import a data set first.</p>}
      {refused && !beside && (
        <p className="problem" role="alert">
          {windowText(refused)}
        </p>
      )}
      {plan && request && <PlanLine plan={plan} draft={draft} overrides={request.overrides ?? {}} />}
    </Dialog>
  );
}

interface FieldsProps {
  draft: SweepDraft;
  problems: Problems;
  /** Of the sweep, where none is typed. */
  name: string;
  datasets: readonly string[];
  models: readonly ModelInfo[];
  onChange(changes: Partial<SweepDraft>): void;
}

function Fields({ draft, problems, name, datasets, models, onChange }: FieldsProps) {
  const { data: obstacles = {} } = useKeptQuery({
    ...api.models.obstacles.queryOptions({ input: { dataset: draft.dataset } }),
    enabled: draft.dataset !== '',
  });
  const model = models.find(({ id }) => id === draft.model) ?? models[0];
  const field = draftFields(draft, onChange, problems);
  const toModel = (id: string) => {
    const next = models.find((one) => one.id === id) ?? model;
    const kept = draft.vary.filter(({ key }) => key in next.groups);
    const vary = kept.length > 0 ? kept : [{ key: firstKey(next), values: '' }];
    onChange({ model: id, preset: '', vary, base: null });
  };
  const presets = Object.keys(model.presets).map((value) => ({ value, label: value }));
  return (
    <div className="sweep-form">
      <SelectField
        label="Data set"
        choices={datasets.map((value) => ({ value, label: value }))}
        {...field('dataset')}
      />
      <SelectField
        label="Model"
        value={draft.model}
        choices={modelChoices(models, obstacles, draft.model)}
        onValue={toModel}
      />
      <SelectField
        label="Preset"
        choices={[{ value: '', label: 'Defaults' }, ...presets]}
        {...field('preset')}
      />
      <VariedSettings
        model={model}
        defaults={{ ...model.presets[draft.preset]?.config, ...draft.base?.overrides }}
        vary={draft.vary}
        problems={problems}
        onChange={(vary) => onChange({ vary })}
      />
      <SelectField label="Search" choices={SEARCHES} {...field('search')} />
      {draft.search === 'random' && (
        <>
          <TextField label="Trials" mode="decimal" help="At most 1,000" {...field('trials')} />
          <TextField
            label="Seed of the draw"
            mode="decimal"
            help="The same seed draws the same trials"
            {...field('draw')}
          />
        </>
      )}
      <TextField label="Seeds" help="One run per seed and trial: 1, 2 or 1-5" {...field('seeds')} />
      <TextField
        label="Settings of every run"
        help={draft.base ? `The others are those of ${draft.base.name}` : 'key=value, separated by commas'}
        {...field('settings')}
      />
      <TextField label="Name" placeholder={name} {...field('name')} />
    </div>
  );
}

interface PlanLineProps {
  plan: SweepPlan;
  draft: SweepDraft;
  overrides: Record<string, unknown>;
}

/** How many trials there will be, what ranks them, and how long they take where an earlier run tells. */
function PlanLine({ plan: { trials, runs, metric }, draft, overrides }: PlanLineProps) {
  const { dataset, model, preset } = draft;
  const { data: estimate } = useKeptQuery(
    api.models.estimate.queryOptions({
      input: {
        dataset,
        model,
        preset: preset || undefined,
        overrides: { ...overrides, ...trials[0] },
        device: 'auto',
      },
    }),
  );
  const seconds = estimate?.seconds ?? null;
  return (
    <div className="sweep-plan" role="status">
      <p>
        {countText(trials.length, 'trial')}, {countText(runs, 'run')}, ranked by {metricLabel(metric)}
        {seconds !== null &&
          `; about ${durationText(seconds * runs)} one after another if all are like the first`}
        .
      </p>
      <p className="muted clip">First: {settingsText(trials[0])}</p>
      {trials.length > 1 && <p className="muted clip">Last: {settingsText(trials[trials.length - 1])}</p>}
    </div>
  );
}
