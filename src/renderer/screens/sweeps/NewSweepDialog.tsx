import { useQuery } from '@tanstack/react-query';
import { isRough, spanText, sumOf } from '../../../core/api/clock.ts';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { metricPhrase } from '../../../core/api/metrics.ts';
import type { ModelInfo } from '../../../core/api/models.ts';
import { type SweepPlan, type SweepRequest, settingsText } from '../../../core/api/studies.ts';
import { SelectField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Missing } from '../../components/Screen.tsx';
import { useForm } from '../../components/use-form.ts';
import { countText } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { ModelField } from '../../new-run/ModelField.tsx';
import { useLastChoice } from '../../new-run/new-run.ts';
import { PlaceFields, useLastPlace } from '../../new-run/PlaceFields.tsx';
import { api, together, useKeptQuery, windowText } from '../../state/api.ts';
import { useDraft } from '../../state/drafts.ts';
import { DataField, LastFields, StudyDialog, usePlan } from '../../studies/StudyDialog.tsx';
import {
  emptySweep,
  firstKey,
  type SweepDraft,
  sweepDraft,
  sweepOfModel,
  sweepOfRun,
  typedSweep,
} from '../../studies/study-drafts.ts';
import { SWEEPS } from '../../studies/words.ts';
import { VariedSettings } from './VariedSettings.tsx';

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
  const both = together([
    useQuery(api.models.list.queryOptions()),
    useQuery(api.datasets.list.queryOptions()),
  ]);
  const page = useQuery({
    ...api.runs.show.queryOptions({ input: { run: run ?? '' } }),
    enabled: run !== null,
  });
  const [last] = useLastChoice();
  const where = useLastPlace();
  const [models = [], datasets = []] = both.data ?? [];
  const model = page.data?.run.model ?? last?.model ?? emptySweep.model;
  const info = models.find(({ id }) => id === model) ?? models[0];
  if (!info || !where || (run !== null && !page.data)) {
    return (
      <Dialog title={SWEEPS.create} onClose={onClose} width={860} cancel="Cancel" foot={null}>
        <Missing query={page.error ? page : both} />
      </Dialog>
    );
  }
  const dataset = firstDataset({}, datasets, last)?.name ?? '';
  const of = page.data?.run;
  const first = of?.kind === 'own' ? sweepOfRun(of, info) : { ...sweepOfModel(info), dataset };
  const shown = { run, datasets, models, onClose };
  return <SweepForm {...shown} first={{ ...first, where }} />;
}

interface SweepFormProps extends NewSweepDialogProps {
  first: SweepDraft;
  datasets: readonly DatasetSummary[];
  models: readonly ModelInfo[];
}

function SweepForm({ run, first, datasets, models, onClose }: SweepFormProps) {
  const kept = useDraft(`sweep ${run ?? ''}`, typedSweep, {});
  const { typed, field, change, problems, values: request } = useForm(sweepDraft, first, { kept });
  const planned = usePlan(request);
  const { plan, refused } = planned;
  const at = typed.vary.findIndex(({ key }) => key === refused?.field);
  const beside =
    refused && at >= 0 ? { [`vary.${at}.values`]: windowText({ ...refused, field: undefined }) } : {};
  const model = models.find(({ id }) => id === typed.model) ?? models[0];
  const usual = `${typed.model}-${typed.dataset}-sweep`;
  const toModel = (id: string) => {
    const next = models.find((one) => one.id === id) ?? model;
    const kept = typed.vary.filter(({ key }) => key in next.groups);
    const vary = kept.length > 0 ? kept : [{ key: firstKey(next), values: '' }];
    change({ model: id, preset: '', vary, base: null });
  };
  const presets = Object.keys(model.presets).map((value) => ({ value, label: value }));
  return (
    <StudyDialog
      words={SWEEPS}
      name={typed.name.trim() || usual}
      request={request}
      planned={planned}
      told={at >= 0}
      kept={kept}
      onClose={onClose}
      sum={plan && request && 'trials' in plan && <PlanLine plan={plan} request={request} />}
    >
      <DataField datasets={datasets} field={field} />
      <ModelField
        models={models}
        dataset={typed.dataset}
        chosen={[typed.model]}
        onChosen={([id]) => toModel(id)}
      />
      <SelectField
        label="Preset"
        choices={[{ value: '', label: 'Defaults' }, ...presets]}
        {...field('preset')}
      />
      <VariedSettings
        model={model}
        defaults={{ ...model.presets[typed.preset]?.config, ...typed.base?.overrides }}
        vary={typed.vary}
        problems={{ ...problems, ...beside }}
        onChange={(vary) => change({ vary })}
      />
      <SelectField label="Search" choices={SEARCHES} {...field('search')} />
      {typed.search === 'random' && (
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
      <LastFields
        field={field}
        name={usual}
        settingsHelp={typed.base ? `The others are those of ${typed.base.name}` : undefined}
      />
      <PlaceFields {...field('where')} />
    </StudyDialog>
  );
}

/** How many trials there will be, what ranks them, and how long they take where an earlier run tells. */
function PlanLine({ plan: { trials, runs, metric }, request }: { plan: SweepPlan; request: SweepRequest }) {
  const { dataset, model, preset, overrides, on } = request;
  const input = { on, dataset, model, preset, overrides: { ...overrides, ...trials[0] } };
  const { data: estimate } = useKeptQuery(api.models.estimate.queryOptions({ input }));
  const time = estimate?.time ?? null;
  return (
    <div className="sweep-plan" role="status">
      <p>
        {countText(trials.length, 'trial')}, {countText(runs, 'run')}, ranked by {metricPhrase(metric)}
        {time &&
          `; ${isRough(time) ? 'roughly' : 'about'} ${spanText(sumOf(Array(runs).fill(time)))} in sequence if all are like the first`}
        .
      </p>
      <p className="muted clip">First: {settingsText(trials[0])}</p>
      {trials.length > 1 && <p className="muted clip">Last: {settingsText(trials[trials.length - 1])}</p>}
    </div>
  );
}
