import type { ReactNode } from 'react';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { ScalingPlan, ScalingRequest, SweepPlan, SweepRequest } from '../../core/api/studies.ts';
import { TextField, type TextFieldProps } from '../components/controls.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { countText } from '../format/format.ts';
import { DatasetField } from '../new-run/DatasetField.tsx';
import { useLastChoice } from '../new-run/new-run.ts';
import { api, client, isAnswerOf, useKeptQuery, windowText } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import type { KeptDraft } from '../state/drafts.ts';
import { goTo } from '../state/navigation.ts';
import type { StudyWords } from './words.ts';

const SETTLE_MS = 300;
const NOTHING = { kind: 'sweep', search: 'grid', dataset: '', model: '', vary: [], seeds: [] } as const;

type Request = ScalingRequest | SweepRequest;

/** The runs that would come of a request, or why none can; `isCurrent` where that is what is asked now. */
export function usePlan(request: Request | null) {
  const settled = useDebounced(request, SETTLE_MS);
  const answer = useKeptQuery({
    ...api.studies.plan.queryOptions({ input: settled ?? { ...NOTHING, vary: [], seeds: [] } }),
    enabled: settled !== null,
  });
  const { data } = answer;
  const plan: ScalingPlan | SweepPlan | null = data && data.problem === null ? data : null;
  return {
    plan: request && plan,
    refused: request ? (data?.problem ?? null) : null,
    isCurrent: isAnswerOf(answer, settled, request),
  };
}

interface StudyDialogProps {
  words: StudyWords;
  /** Typed, or what it is called where nothing is. */
  name: string;
  request: Request | null;
  planned: ReturnType<typeof usePlan>;
  /** The refusal is told beside its field. */
  told?: boolean;
  kept: Pick<KeptDraft<object>, 'isKept' | 'forget'>;
  onClose(): void;
  children: ReactNode;
  /** What the plan comes to. */
  sum?: ReactNode;
}

/** What to train, counted before anything starts: what starts is what was counted. */
export function StudyDialog(props: StudyDialogProps) {
  const { words, name, request, planned, told, kept, onClose, children, sum } = props;
  const { plan, refused, isCurrent } = planned;
  const runs = plan && ('trials' in plan ? plan.runs : plan.points.length);
  const [last, remember] = useLastChoice();
  const start = async () => {
    if (!request) return false;
    const { id } = await client.studies.create({ name, request });
    if (last) remember({ ...last, on: request.on });
    kept.forget();
    goTo(words.screen, [id]);
  };
  return (
    <FormDialog
      long
      title={words.create}
      width={860}
      submit={runs === null ? 'Start' : `Start ${countText(runs, 'run')}`}
      failure={`Could not create the ${words.noun}`}
      ready={request !== null && plan !== null && isCurrent}
      onSubmit={start}
      onClose={onClose}
      onDiscard={kept.isKept ? kept.forget : undefined}
    >
      <div className="study-form grid">{children}</div>
      {refused && !told && (
        <p className="problem" role="alert">
          {windowText(refused)}
        </p>
      )}
      {sum}
    </FormDialog>
  );
}

type Text = Pick<TextFieldProps, 'value' | 'onValue' | 'problem'>;

interface SharedFieldsProps {
  datasets: readonly DatasetSummary[];
  field(key: 'name' | 'dataset' | 'seeds' | 'settings'): Text;
  /** Where no name is typed. */
  name: string;
  /** Help of the other settings. */
  settingsHelp?: string;
}

export function DataField({ datasets, field }: Pick<SharedFieldsProps, 'datasets' | 'field'>) {
  const { value, onValue } = field('dataset');
  return (
    <div>
      <DatasetField datasets={datasets} chosen={value} onChosen={onValue} />
      {datasets.length === 0 && <p className="problem">Import a data set first.</p>}
    </div>
  );
}

/** What every study asks last. */
export function LastFields({ field, name, settingsHelp }: Omit<SharedFieldsProps, 'datasets'>) {
  return (
    <>
      <TextField label="Seeds" help="One run per seed: 1, 2 or 1-5" {...field('seeds')} />
      <TextField
        label="Settings of every run"
        help={settingsHelp ?? 'key=value, separated by commas'}
        {...field('settings')}
      />
      <TextField label="Name" placeholder={name} {...field('name')} />
    </>
  );
}
