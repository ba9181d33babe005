import { useQuery } from '@tanstack/react-query';
import { type ModelInfo, modelTitle } from '../../../core/api/models.ts';
import {
  amount,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  DEPTH_WIDTH_SIZES,
  publishedSizes,
} from '../../../core/api/studies.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, SelectField, TextField } from '../../components/controls.tsx';
import { useForm } from '../../components/use-form.ts';
import { bytesText, countText } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { useLastChoice } from '../../new-run/new-run.ts';
import { PlaceFields, useLastPlace } from '../../new-run/PlaceFields.tsx';
import { HERE } from '../../new-run/place.ts';
import { api } from '../../state/api.ts';
import { useDraft } from '../../state/drafts.ts';
import { DataField, LastFields, StudyDialog, usePlan } from '../../studies/StudyDialog.tsx';
import { emptyStudy, type StudyDraft, studyDraft, typedStudy } from '../../studies/study-drafts.ts';
import { STUDIES } from '../../studies/words.ts';
import { PointsTable } from './PointsTable.tsx';
import { StudyEstimateLine } from './StudyEstimateLine.tsx';

const QUESTIONS: { value: StudyDraft['kind']; label: string }[] = [
  { value: 'law', label: 'Law over size and data' },
  { value: 'base-large', label: 'Base against Large' },
];

/** A grid of sizes and shares, or of bases and Larges, with what it costs before anything starts. */
export function NewStudyDialog({ onClose }: { onClose(): void }) {
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const { data: models = [] } = useQuery(api.models.list.queryOptions());
  const [last] = useLastChoice();
  const where = useLastPlace();
  const first = where ? firstDataset({}, datasets, last)?.name : undefined;
  const kept = useDraft('study', typedStudy, {});
  const form = useForm(studyDraft, emptyStudy, {
    usual: { dataset: first ?? '', where: where ?? HERE },
    kept,
  });
  const { typed, field, values: request } = form;
  const planned = usePlan(request);
  const { kind, dataset, model } = typed;
  const usual = kind === 'law' ? `${model}-${dataset}-scaling` : `base-large-${dataset}`;
  const { plan } = planned;
  return (
    <StudyDialog
      words={STUDIES}
      name={typed.name.trim() || usual}
      request={request}
      planned={planned}
      kept={kept}
      onClose={onClose}
      sum={
        plan &&
        'points' in plan && (
          <>
            <p className="muted">
              {countText(plan.points.length, 'run')}, {amount(plan.flops)}FLOP in all; the largest keeps about{' '}
              {bytesText(plan.bytes)} of parameters, optimiser and a step's values.
            </p>
            {request && request.on === undefined && <StudyEstimateLine request={request} />}
            <div className="scaling-plan scrolls">
              <PointsTable points={plan.points} results={false} />
            </div>
          </>
        )
      }
    >
      <SelectField
        label="Question"
        value={kind}
        choices={QUESTIONS}
        onValue={(next) => form.change({ kind: next, settings: next === 'law' ? emptyStudy.settings : '' })}
      />
      <DataField datasets={datasets} field={field} />
      {kind === 'law' ? <LawFields form={form} models={models} /> : <BaseLargeFields form={form} />}
      <LastFields field={field} name={usual} />
      <PlaceFields {...field('where')} />
    </StudyDialog>
  );
}

type Form = ReturnType<typeof useForm<unknown, StudyDraft>>;

/** One model over sizes and shares of the users. */
function LawFields({ form, models }: { form: Form; models: readonly ModelInfo[] }) {
  const { typed, field, change } = form;
  const scalable = models.filter(({ kind, task }) => kind === 'trained' && task === 'next-item');
  const presets = Object.keys(scalable.find(({ id }) => id === typed.model)?.presets ?? {});
  return (
    <>
      <SelectField
        label="Model"
        value={typed.model}
        choices={scalable.map(({ id, title }) => ({ value: id, label: title }))}
        onValue={(model) => change({ model, preset: '' })}
      />
      <SelectField
        label="Preset"
        {...field('preset')}
        choices={[{ value: '', label: 'Defaults' }, ...presets.map((value) => ({ value, label: value }))]}
      />
      <div className="study-wide">
        <TextField
          label="Sizes"
          help="Width x depth, then heads and the feed-forward width where they differ; a law needs four, and a fifth to be predicted"
          {...field('sizes')}
        />
        <Button kind="quiet" onClick={() => change({ sizes: publishedSizes(typed.model).join(', ') })}>
          Published ladder, 98K to 829M
        </Button>
        <Button kind="quiet" onClick={() => change({ sizes: DEPTH_WIDTH_SIZES.join(', '), shares: '100' })}>
          Depth against width
        </Button>
      </div>
      <TextField label="Percent of the users trained on" {...field('shares')} />
    </>
  );
}

/** Several models, each as base and as Large. */
function BaseLargeFields({ form: { typed, field, change, problems } }: { form: Form }) {
  const toggled = (id: (typeof BASE_LARGE_MODELS)[number], on: boolean) =>
    BASE_LARGE_MODELS.filter((model) => (model === id ? on : typed.models.includes(model)));
  return (
    <>
      <SelectField
        label="Published settings for"
        choices={BASE_LARGE_SETTINGS.map((value) => ({ value, label: value }))}
        {...field('published')}
      />
      <TextField label="Blocks of base and Large" {...field('blocks')} />
      <fieldset className="report-group study-wide scaling-models flex wrap grid">
        <legend>Models</legend>
        {BASE_LARGE_MODELS.map((id) => (
          <CheckField
            key={id}
            label={modelTitle(id)}
            value={typed.models.includes(id)}
            onValue={(on) => change({ models: toggled(id, on) })}
          />
        ))}
        {problems.models && <p className="field-problem">{problems.models}</p>}
      </fieldset>
    </>
  );
}
