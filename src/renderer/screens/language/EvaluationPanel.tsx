import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { LanguageProgress, PipelineRun } from '../../../core/api/language.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { SelectField, TextField } from '../../components/controls.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Progress } from '../../components/Progress.tsx';
import { api, client, queryClient } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { EvaluationFigures } from './EvaluationFigures.tsx';
import { within } from './numbers.ts';

/** What is asked, as it is typed. */
interface Asked {
  users: string;
  fewerUsers: string;
  candidates: string;
  /** Id of a run; empty for none. */
  retriever: string;
  against: readonly string[];
}

const USUAL: Asked = { users: '0', fewerUsers: '100', candidates: '99', retriever: '', against: [] };

function inputOf({ users, fewerUsers, candidates, retriever, against }: Asked) {
  return {
    users: within(users, 0, 1_000_000),
    fewerUsers: within(fewerUsers, 1, 100_000),
    candidates: within(candidates, 0, 1000),
    retriever: retriever === '' ? null : retriever,
    against: [...against],
  };
}

/** What a run answers, kept from the last time it was asked; asking it again can be cancelled. */
export function EvaluationPanel({ run }: { run: PipelineRun }) {
  const options = api.language.evaluation.queryOptions({ input: { run: run.id } });
  const { data, error, refetch } = useQuery(options);
  const [asked, setAsked] = useState(USUAL);
  const [progress, setProgress] = useState<LanguageProgress | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const measure = async () => {
    const abort = new AbortController();
    asking.current = abort;
    setProgress({ what: 'Reading the run', done: 0, total: 1 });
    try {
      const input = { run: run.id, ...inputOf(asked) };
      const steps = await client.language.evaluate(input, { signal: abort.signal });
      for (;;) {
        const step = await steps.next();
        if (step.done) {
          queryClient.setQueryData(options.queryKey, step.value);
          return;
        }
        setProgress(step.value);
      }
    } catch (problem) {
      if (!abort.signal.aborted) throw problem;
    } finally {
      setProgress(null);
    }
  };
  return (
    <section className="language-evaluation" aria-label={`Answers of ${run.name}`}>
      <h2>Answers of {run.name}</h2>
      <div className="language-asked">
        <AskedFields run={run.id} asked={asked} onAsked={setAsked} />
        {progress ? (
          <Button onClick={() => asking.current?.abort()}>Cancel</Button>
        ) : (
          <Button onClick={() => void attempt('The answers could not be measured', measure)}>
            {data ? 'Measure again' : 'Measure'}
          </Button>
        )}
      </div>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {progress && (
        <Progress
          label={progress.what}
          fraction={progress.done / progress.total}
          detail={`${progress.done} of ${progress.total}`}
        />
      )}
      {data && <EvaluationFigures evaluation={data} />}
    </section>
  );
}

interface AskedFieldsProps {
  run: string;
  asked: Asked;
  onAsked(asked: Asked): void;
}

const NUMBERS = [
  { key: 'users', label: 'Users, 0 for all' },
  { key: 'fewerUsers', label: 'For shots, tasks, lists' },
  { key: 'candidates', label: 'Drawn candidates' },
] as const;

/** How many users are asked about, and beside which runs. */
function AskedFields({ run, asked, onAsked }: AskedFieldsProps) {
  const { data: rivals = [] } = useQuery(api.language.rivals.queryOptions({ input: { run } }));
  const set = (changes: Partial<Asked>) => onAsked({ ...asked, ...changes });
  const retrievers = rivals.filter(({ retrieves }) => retrieves);
  return (
    <>
      {NUMBERS.map(({ key, label }) => (
        <TextField
          key={key}
          label={label}
          mode="decimal"
          value={asked[key]}
          onValue={(value) => set({ [key]: value })}
        />
      ))}
      <SelectField
        label="Re-rank the best 100 of"
        value={asked.retriever}
        choices={[
          { value: '', label: 'No run' },
          ...retrievers.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onValue={(retriever) => set({ retriever })}
      />
      <CheckMenu
        trigger={
          <Button disabled={rivals.length === 0}>
            Beside {asked.against.length} of {rivals.length} runs
          </Button>
        }
        options={rivals.map(({ id, name, model }) => ({ id, label: `${name} (${model})` }))}
        checked={asked.against}
        onChange={(against) => set({ against })}
      />
    </>
  );
}
