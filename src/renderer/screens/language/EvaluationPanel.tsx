import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type {
  AnswerFigures,
  LanguageEvaluation,
  LanguageProgress,
  PipelineRun,
} from '../../../core/api/language.ts';
import { Button } from '../../components/Button.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { Problem } from '../../components/Problem.tsx';
import { Progress } from '../../components/Progress.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { api, client, queryClient } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';

type Line = { name: string; figures: AnswerFigures };

const answerColumns: Column<Line>[] = [
  { id: 'name', title: 'Asked', text: ({ name }) => name },
  { id: 'questions', title: 'Questions', numeric: true, text: ({ figures }) => String(figures.questions) },
  { id: 'auc', title: 'AUC', numeric: true, text: ({ figures }) => figures.auc.toFixed(4) },
  { id: 'logloss', title: 'Log-loss', numeric: true, text: ({ figures }) => figures.logloss.toFixed(4) },
  { id: 'ece', title: 'ECE', numeric: true, text: ({ figures }) => figures.ece.toFixed(4) },
];

type Rival = LanguageEvaluation['rivals'][number];
const rivalColumns: Column<Rival>[] = [
  { id: 'name', title: 'Without reading the prompt', text: ({ name }) => name },
  { id: 'auc', title: 'AUC', numeric: true, text: ({ auc }) => auc.toFixed(4) },
];

type TaskLine = LanguageEvaluation['tasks'][number];
const taskColumns: Column<TaskLine>[] = [
  {
    id: 'task',
    title: 'Other task',
    text: ({ task, trained }) => `${task}, ${trained ? 'trained' : 'unseen'}`,
  },
  { id: 'questions', title: 'Questions', numeric: true, text: ({ questions }) => String(questions) },
  { id: 'accuracy', title: 'Right', numeric: true, text: ({ accuracy }) => accuracy.toFixed(4) },
  { id: 'chance', title: 'Best single answer', numeric: true, text: ({ chance }) => chance.toFixed(4) },
];

type Ranked = NonNullable<LanguageEvaluation['rerank']>['figures'][number];
const rankColumns: Column<Ranked>[] = [
  { id: 'name', title: 'Scores', text: ({ name }) => name },
  { id: 'hr1', title: 'HR@1', numeric: true, text: ({ hr1 }) => hr1.toFixed(4) },
  { id: 'hr10', title: 'HR@10', numeric: true, text: ({ hr10 }) => hr10.toFixed(4) },
  { id: 'ndcg10', title: 'NDCG@10', numeric: true, text: ({ ndcg10 }) => ndcg10.toFixed(4) },
];

type Bin = LanguageEvaluation['calibration'][number];
const binColumns: Column<Bin>[] = [
  {
    id: 'p',
    title: 'Said probability',
    numeric: true,
    text: ({ meanProbability }) => meanProbability.toFixed(3),
  },
  { id: 'label', title: 'Share of yes', numeric: true, text: ({ meanLabel }) => meanLabel.toFixed(3) },
  { id: 'count', title: 'Questions', numeric: true, text: ({ count }) => String(count) },
];

/** What a run answers, kept from the last time it was asked; asking it again can be cancelled. */
export function EvaluationPanel({ run }: { run: PipelineRun }) {
  const options = api.language.evaluation.queryOptions({ input: { run: run.id } });
  const { data, error, refetch } = useQuery(options);
  const [progress, setProgress] = useState<LanguageProgress | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const measure = async () => {
    const abort = new AbortController();
    asking.current = abort;
    setProgress({ what: 'Reading the run', done: 0, total: 1 });
    try {
      const steps = await client.language.evaluate({ run: run.id }, { signal: abort.signal });
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
      <header className="language-evaluation-head">
        <h2>Answers of {run.name}</h2>
        {progress ? (
          <Button onClick={() => asking.current?.abort()}>Cancel</Button>
        ) : (
          <Button onClick={() => void attempt('The answers could not be measured', measure)}>
            {data ? 'Measure again' : 'Measure'}
          </Button>
        )}
      </header>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {progress && (
        <Progress
          label={progress.what}
          fraction={progress.done / progress.total}
          detail={`${progress.done} of ${progress.total}`}
        />
      )}
      {data && <Figures evaluation={data} />}
    </section>
  );
}

function Figures({ evaluation }: { evaluation: LanguageEvaluation }) {
  const { answers, rivals, calibration, shots, histories, unseenWording, tasks, rerank } = evaluation;
  const lines: Line[] = [
    { name: 'All', figures: answers },
    ...shots.map((one) => ({
      name: `${one.shots} shots, ${one.meanShown.toFixed(1)} shown`,
      figures: one.figures,
    })),
    ...histories.map(({ from, to, figures }) => ({
      name: `History of ${to === null ? `${from} or more` : `${from} to ${to}`}`,
      figures,
    })),
    ...(unseenWording ? [{ name: 'Unseen wording', figures: unseenWording }] : []),
  ];
  return (
    <>
      <StaticTable label="Answers" columns={answerColumns} rows={lines} rowKey={({ name }) => name} />
      <StaticTable
        label="Without the prompt"
        columns={rivalColumns}
        rows={rivals}
        rowKey={({ name }) => name}
      />
      <StaticTable
        label="Calibration"
        columns={binColumns}
        rows={calibration}
        rowKey={({ meanProbability }) => String(meanProbability)}
      />
      {tasks.length > 0 && (
        <StaticTable label="Other tasks" columns={taskColumns} rows={tasks} rowKey={({ task }) => task} />
      )}
      {rerank && (
        <>
          <p>
            Re-ranking {rerank.candidates}; never to be compared with full ranking. {rerank.covered} of{' '}
            {rerank.users} held-out items are candidates, {rerank.millisecondsPerCandidate.toFixed(2)} ms a
            candidate.
          </p>
          <StaticTable
            label="Re-ranking"
            columns={rankColumns}
            rows={rerank.figures}
            rowKey={({ name }) => name}
          />
        </>
      )}
    </>
  );
}
