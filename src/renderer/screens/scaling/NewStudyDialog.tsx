import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { amount } from '../../../core/api/studies.ts';
import { draftFields, SelectField, TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { DatasetField } from '../../new-run/NewRunForm.tsx';
import { useLastChoice } from '../../new-run/new-run.ts';
import { api, client, isAnswerOf, useKeptQuery, windowText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { goTo } from '../../state/navigation.ts';
import { PointsTable } from './PointsTable.tsx';
import { StudyEstimateLine } from './StudyEstimateLine.tsx';
import { BaseLargeFields, LawFields, type StudyFieldsProps } from './StudyFields.tsx';
import { emptyDraft, parseDraft, type StudyDraft } from './study-draft.ts';

const SETTLE_MS = 300;

const QUESTIONS: { value: StudyDraft['kind']; label: string }[] = [
  { value: 'law', label: 'Law over size and data' },
  { value: 'base-large', label: 'Base against Large' },
];

function defaultName({ kind, model, dataset }: StudyDraft): string {
  return kind === 'law' ? `${model}-${dataset}-scaling` : `base-large-${dataset}`;
}

/** A grid of sizes and shares, or of bases and Larges, with what it costs before anything starts. */
export function NewStudyDialog({ onClose }: { onClose(): void }) {
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const { data: models = [] } = useQuery(api.models.list.queryOptions());
  const [typed, setTyped] = useState<StudyDraft>(emptyDraft);
  const [last, , isRead] = useLastChoice();
  const first = isRead ? firstDataset({}, datasets, last)?.name : undefined;
  const draft = { ...typed, dataset: typed.dataset || (first ?? '') };
  const change = (changes: Partial<StudyDraft>) => setTyped((before) => ({ ...before, ...changes }));
  const { request, problems } = parseDraft(draft);
  const settled = useDebounced(request, SETTLE_MS);
  const plan = useKeptQuery({
    ...api.studies.plan.queryOptions({
      input: settled ?? { kind: 'law', dataset: '', model: '', sizes: [], shares: [], seeds: [] },
    }),
    enabled: settled !== null,
  });
  const name = draft.name.trim() || defaultName(draft);
  const refused = plan.data?.problem ?? null;
  const counted = plan.data && 'points' in plan.data ? plan.data : null;
  const start = async () => {
    if (!request) return false;
    const { id } = await client.studies.create({ name, request });
    goTo('scaling', [id]);
  };
  // What starts is what was counted.
  const isCurrent = isAnswerOf(plan, settled, request);
  return (
    <FormDialog
      long
      title="New scaling study"
      width={860}
      submit={counted ? `Start ${countText(counted.points.length, 'run')}` : 'Start'}
      failure="Could not create the study"
      ready={request !== null && counted !== null && refused === null && isCurrent}
      onSubmit={start}
      onClose={onClose}
    >
      <StudyForm
        draft={draft}
        problems={problems}
        name={name}
        datasets={datasets}
        models={models}
        onChange={change}
      />
      {refused !== null && (
        <p className="problem" role="alert">
          {windowText(refused)}
        </p>
      )}
      {counted && (
        <>
          <p className="muted scaling-cost">
            {countText(counted.points.length, 'run')}, {amount(counted.flops)}FLOP in all; the largest keeps
            about {bytesText(counted.bytes)} of parameters, optimiser and a step's values.
          </p>
          {request && <StudyEstimateLine request={request} />}
          <div className="scaling-plan">
            <PointsTable points={counted.points} results={false} />
          </div>
        </>
      )}
    </FormDialog>
  );
}

interface StudyFormProps extends StudyFieldsProps {
  /** Of the study, where none is typed. */
  name: string;
  datasets: readonly DatasetSummary[];
}

function StudyForm({ name, datasets, ...fields }: StudyFormProps) {
  const { draft, problems, onChange } = fields;
  const field = draftFields(draft, onChange, problems);
  return (
    <div className="scaling-form">
      <SelectField
        label="Question"
        value={draft.kind}
        choices={QUESTIONS}
        onValue={(kind) => onChange({ kind, settings: kind === 'law' ? emptyDraft.settings : '' })}
      />
      <DatasetField
        datasets={datasets}
        chosen={draft.dataset}
        onChosen={(dataset) => onChange({ dataset })}
      />
      {draft.kind === 'law' ? <LawFields {...fields} /> : <BaseLargeFields {...fields} />}
      <TextField label="Seeds" help="One run per seed and cell" {...field('seeds')} />
      <TextField label="Settings of every run" help="key=value, separated by commas" {...field('settings')} />
      <div className="scaling-wide">
        <TextField label="Name" placeholder={name} {...field('name')} />
      </div>
    </div>
  );
}
