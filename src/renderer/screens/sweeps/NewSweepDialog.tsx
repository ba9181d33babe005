import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { metricPhrase } from '../../../core/api/metrics.ts';
import type { ModelInfo } from '../../../core/api/models.ts';
import { type SweepPlan, settingsText } from '../../../core/api/studies.ts';
import { draftFields, SelectField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { Problem } from '../../components/Screen.tsx';
import { countText, durationText } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { ModelField } from '../../new-run/ModelField.tsx';
import { DatasetField } from '../../new-run/NewRunForm.tsx';
import { useLastChoice } from '../../new-run/new-run.ts';
import { api, client, isAnswerOf, useKeptQuery, windowText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { goTo } from '../../state/navigation.ts';
import {
  draftOfModel,
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
  const [last, , isRead] = useLastChoice();
  const error = models.error ?? page.error ?? datasets.error;
  const model = page.data?.run.model ?? last?.model ?? emptyDraft.model;
  const info = models.data?.find(({ id }) => id === model) ?? models.data?.[0];
  if (!info || !models.data || !datasets.data || !isRead || (run !== null && !page.data)) {
    return (
      <Dialog title="New sweep" onClose={onClose} width={860} cancel="Cancel" foot={null}>
        {error ? <Problem error={error} /> : <p className="muted">Loading models</p>}
      </Dialog>
    );
  }
  const dataset = firstDataset({}, datasets.data, last)?.name ?? '';
  const first = page.data ? draftOfRun(page.data.run, info) : { ...draftOfModel(info), dataset };
  return <SweepForm first={first} datasets={datasets.data} models={models.data} onClose={onClose} />;
}

interface SweepFormProps {
  first: SweepDraft;
  datasets: readonly DatasetSummary[];
  models: readonly ModelInfo[];
  onClose(): void;
}

function SweepForm({ first, datasets, models, onClose }: SweepFormProps) {
  const [draft, setDraft] = useState(first);
  const change = (changes: Partial<SweepDraft>) => setDraft((before) => ({ ...before, ...changes }));
  const { request, problems } = parseDraft(draft);
  const settled = useDebounced(request, SETTLE_MS);
  const input = settled ?? { ...NOTHING, vary: [], seeds: [] };
  const answer = useKeptQuery({
    ...api.studies.plan.queryOptions({ input }),
    enabled: settled !== null,
  });
  const { data } = answer;
  const plan = data && 'trials' in data ? data : null;
  const refused = request && data?.problem ? data.problem : null;
  const beside = refused?.field !== undefined && draft.vary.some(({ key }) => key === refused.field);
  if (refused && beside) problems[`vary ${refused.field}`] = windowText({ ...refused, field: undefined });
  const name = draft.name.trim() || `${draft.model}-${draft.dataset}-sweep`;
  const start = async () => {
    if (!request) return false;
    const { id } = await client.studies.create({ name, request });
    goTo('sweeps', [id]);
  };
  return (
    <FormDialog
      long
      title="New sweep"
      width={860}
      submit={plan && request ? `Start ${countText(plan.runs, 'run')}` : 'Start'}
      failure="Could not create the sweep"
      ready={request !== null && plan !== null && isAnswerOf(answer, settled, request)}
      onSubmit={start}
      onClose={onClose}
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
    </FormDialog>
  );
}

interface FieldsProps {
  draft: SweepDraft;
  problems: Problems;
  /** Of the sweep, where none is typed. */
  name: string;
  datasets: readonly DatasetSummary[];
  models: readonly ModelInfo[];
  onChange(changes: Partial<SweepDraft>): void;
}

function Fields({ draft, problems, name, datasets, models, onChange }: FieldsProps) {
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
      <DatasetField
        datasets={datasets}
        chosen={draft.dataset}
        onChosen={(dataset) => onChange({ dataset })}
      />
      <ModelField
        models={models}
        dataset={draft.dataset}
        chosen={[draft.model]}
        onChosen={([id]) => toModel(id)}
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
        {countText(trials.length, 'trial')}, {countText(runs, 'run')}, ranked by {metricPhrase(metric)}
        {seconds !== null &&
          `; about ${durationText(seconds * runs)} one after another if all are like the first`}
        .
      </p>
      <p className="muted clip">First: {settingsText(trials[0])}</p>
      {trials.length > 1 && <p className="muted clip">Last: {settingsText(trials[trials.length - 1])}</p>}
    </div>
  );
}
