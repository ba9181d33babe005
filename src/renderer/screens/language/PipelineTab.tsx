import { useQuery } from '@tanstack/react-query';
import { footnoteMark } from '../../../core/api/compare.ts';
import { type PipelineRun, readBeforeText } from '../../../core/api/language.ts';
import { Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { capital } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { StatusMark, statusText } from '../../runs/RunStatus.tsx';
import { api } from '../../state/api.ts';
import { goTo, routeLink, useKept } from '../../state/navigation.ts';
import { EvaluationPanel } from './EvaluationPanel.tsx';

/** Which run fed which, with each one's held-out loss and answers. */
export function PipelineTab() {
  const pipeline = useQuery(api.language.pipeline.queryOptions());
  const runs = pipeline.data;
  const [chosen, setChosen] = useKept('run');
  if (!runs) return <Missing query={pipeline} />;
  if (runs.length === 0) {
    return (
      <EmptyState
        title="No language run yet"
        text="Train the first stage, then start the next one from it. Every stage can be left out."
      >
        <Beginnings />
      </EmptyState>
    );
  }
  const current = runs.find(({ id }) => id === chosen);
  const notes = [...new Set(runs.flatMap(notesOf))];
  return (
    <div className="stack packed page-inset scrolls">
      <div className="row">
        <Beginnings />
      </div>
      <Table label="Language runs" columns={columns(runs, notes, setChosen)} rows={runs} />
      {notes.length > 0 && (
        <ul className="muted small">
          {notes.map((text, at) => (
            <li key={text}>
              {footnoteMark(at)} {text}
            </li>
          ))}
        </ul>
      )}
      {current && <EvaluationPanel key={current.id} run={current} />}
    </div>
  );
}

/** How a language run begins that follows no other one. */
function Beginnings() {
  const begin = (overrides: Record<string, unknown>) => openNewRun({ model: 'brew', overrides });
  return (
    <>
      <Button onClick={() => begin({ stage: 'pretraining' })}>New first stage</Button>
      <Button
        kind="quiet"
        title="Zero-shot: the pretrained model that the form asks for answers as it is, without any training"
        onClick={() => begin({ stage: 'fine-tuning', epochs: 0 })}
      >
        Ask a pretrained model as it is
      </Button>
    </>
  );
}

/** A held-out loss is of what its stage learns, and of nothing that stands beside that of another. */
const LOSSES = [
  ['pretraining', 'Loss (every token)'],
  ['instruction', 'Loss (answers of tasks)'],
  ['fine-tuning', 'Loss (one answer)'],
] as const;

/** What to know of a run before its numbers are read. */
const notesOf = ({ pretrained, asItStarted }: Pick<PipelineRun, 'pretrained' | 'asItStarted'>): string[] => [
  ...(asItStarted ? ['As it started: no epoch was better.'] : []),
  ...(pretrained.length > 0 ? [`${capital(readBeforeText(pretrained))}.`] : []),
];

/** Losses of stages that no run is of are left out. */
function columns(
  runs: readonly PipelineRun[],
  notes: readonly string[],
  choose: (run: string) => void,
): Column<PipelineRun>[] {
  return [
    column('name', 'Run', 'text', ({ name }) => name, {
      render: ({ id, name, depth, ...facts }) => (
        <span style={{ paddingInlineStart: `${20 * depth}px` }}>
          {depth > 0 && (
            <>
              <span className="muted" aria-hidden="true">
                ↳{' '}
              </span>
              <span className="visually-hidden">from the run above, </span>
            </>
          )}
          <a href={routeLink('run', [id])}>{name}</a>
          <sup className="muted">
            {notesOf(facts)
              .map((text) => footnoteMark(notes.indexOf(text)))
              .join(' ')}
          </sup>
        </span>
      ),
    }),
    column('stage', 'Stage', 'text', ({ stage }) => stage),
    column('status', 'Status', 'text', ({ status }) => statusText(status), {
      render: ({ status }) => <StatusMark status={status} />,
    }),
    column('dataset', 'Data set', 'text', ({ dataset }) => dataset),
    ...LOSSES.filter(([of]) => runs.some(({ stage }) => stage === of)).map(([of, title]) =>
      column<PipelineRun>(of, title, 'metric', ({ stage, metrics }) =>
        stage === of ? metrics['valid/loss'] : null,
      ),
    ),
    column('auc', 'AUC', 'metric', ({ metrics }) => metrics['test/auc']),
    column('sample', 'Over', 'text', ({ sample }) => sample ?? 'all users'),
    column('popularity', 'AUC (popularity)', 'metric', ({ metrics }) => metrics['test/auc of popularity']),
    column('next', 'Next', 'none', () => null, {
      render: (run) =>
        run.status === 'completed' && (
          <>
            <Button kind="quiet" onClick={() => choose(run.id)}>
              {run.evaluated ? 'Answers' : 'Measure'}
            </Button>
            <Button
              kind="quiet"
              title="Opens the form of a run that trains on from this one"
              onClick={() => openNewRun(next(run))}
            >
              Continue
            </Button>
            <Button kind="quiet" onClick={() => goTo('language', ['stages', run.id])}>
              Stages
            </Button>
          </>
        ),
    }),
  ];
}

/** A run of the stage after this one's. */
function next({ id, stage, dataset, carried }: PipelineRun): Parameters<typeof openNewRun>[0] {
  const following = stage === 'pretraining' ? 'instruction' : 'fine-tuning';
  return { dataset, model: 'brew', overrides: { ...carried, startFrom: id, stage: following } };
}
