import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { askedText, type PipelineRun } from '../../../core/api/language.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { WorkRow } from '../../app/WorkTray.tsx';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { draftFields, SelectField, TextField } from '../../components/controls.tsx';
import { DraftNote } from '../../components/DraftNote.tsx';
import { Problem } from '../../components/Screen.tsx';
import { wholeProblem } from '../../components/schema.ts';
import { timeText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useDraft } from '../../state/drafts.ts';
import { goesOn, startWork, useWork } from '../../state/long-work.ts';
import { useKept } from '../../state/navigation.ts';
import { EvaluationFigures } from './EvaluationFigures.tsx';

/** The request, as it is typed. */
const evaluationDraft = z.object({
  users: z.string(),
  fewerUsers: z.string(),
  candidates: z.string(),
  /** Id of a run; empty for none. */
  retriever: z.string(),
  against: z.array(z.string()).readonly(),
});
type Draft = z.output<typeof evaluationDraft>;

const USUAL: Draft = { users: '0', fewerUsers: '100', candidates: '99', retriever: '', against: [] };

function problemsOf({ users, fewerUsers, candidates }: Draft) {
  return {
    users: wholeProblem(users, 0, 1_000_000),
    fewerUsers: wholeProblem(fewerUsers, 1, 100_000),
    candidates: wholeProblem(candidates, 0, 1000),
  };
}

function inputOf({ users, fewerUsers, candidates, retriever, against }: Draft) {
  return {
    users: Number(users),
    fewerUsers: Number(fewerUsers),
    candidates: Number(candidates),
    retriever: retriever === '' ? null : retriever,
    against: [...against],
  };
}

/** What a run answers, kept from the last time it was asked; asking it again waits for its turn, whatever is shown meanwhile. */
export function EvaluationPanel({ run }: { run: PipelineRun }) {
  const options = api.language.evaluations.queryOptions({ input: { run: run.id } });
  const { data = [], error, refetch } = useQuery(options);
  const [chosen, setChosen] = useKept('measured');
  const shown = data.find(({ measuredAt }) => String(measuredAt) === chosen) ?? data[0];
  const { draft, change, isKept, forget } = useDraft(`evaluation ${run.id}`, evaluationDraft, USUAL);
  const going = useWork().filter((one) => one.of === 'evaluation' && one.subject === run.id && goesOn(one));
  const start = () =>
    startWork('Could not measure the answers', {
      of: 'evaluation',
      input: { run: run.id, ...inputOf(draft) },
    });
  return (
    <section className="stack" aria-label={`Answers of ${run.name}`}>
      <h2 className="title">Answers of {run.name}</h2>
      <div className="language-asked flex gap-3 wrap">
        <RequestFields run={run.id} draft={draft} onChange={change} />
        <Button
          disabled={going.length > 0 || Object.values(problemsOf(draft)).some(Boolean)}
          onClick={() => void start()}
        >
          {shown ? 'Measure again' : 'Measure'}
        </Button>
        {isKept && <DraftNote onDiscard={forget} />}
      </div>
      {error && <Problem query={{ error, refetch }} />}
      {going.length > 0 && (
        <ul className="stack">
          {going.map((one) => (
            <WorkRow key={one.id} state={one} />
          ))}
        </ul>
      )}
      {shown && (
        <>
          {data.length > 1 && (
            <SelectField
              label="Measured"
              value={String(shown.measuredAt)}
              onValue={setChosen}
              choices={data.map(({ measuredAt }) => ({
                value: String(measuredAt),
                label: timeText(measuredAt),
              }))}
            />
          )}
          <p className="muted">
            {timeText(shown.measuredAt)}. {askedText(shown)}
          </p>
          <EvaluationFigures evaluation={shown} model={run.model} />
        </>
      )}
    </section>
  );
}

interface RequestFieldsProps {
  run: string;
  draft: Draft;
  onChange(changes: Partial<Draft>): void;
}

/** How many users are asked about, and beside which runs. */
function RequestFields({ run, draft, onChange }: RequestFieldsProps) {
  const { data: known = [] } = useQuery(api.language.baselines.queryOptions({ input: { run } }));
  const baselines = known.filter(({ problem }) => problem === null);
  const field = draftFields(draft, onChange);
  const problems = problemsOf(draft);
  const retrievers = baselines.filter(({ retrieves }) => retrieves);
  return (
    <>
      <TextField label="Users (0: all)" mode="decimal" problem={problems.users} {...field('users')} />
      <TextField
        label="Users for the other tests"
        mode="decimal"
        problem={problems.fewerUsers}
        {...field('fewerUsers')}
      />
      <TextField
        label="Drawn candidates"
        mode="decimal"
        problem={problems.candidates}
        {...field('candidates')}
      />
      <SelectField
        label="Re-rank the best 100 of"
        {...field('retriever')}
        choices={[
          { value: '', label: 'No run' },
          ...retrievers.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <CheckMenu
        trigger={
          <Button disabled={known.length === 0}>
            Compare with {draft.against.length} of {baselines.length} runs
          </Button>
        }
        options={[...baselines, ...known.filter(({ problem }) => problem !== null)].map(
          ({ id, name, model, problem }) => ({
            id,
            label: `${name} (${modelTitle(model)})`,
            reason: problem,
          }),
        )}
        checked={draft.against}
        onChange={(against) => onChange({ against })}
      />
    </>
  );
}
