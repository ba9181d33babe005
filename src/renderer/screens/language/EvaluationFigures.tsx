import type {
  AnswerFigures,
  BaselineFigures,
  LanguageEvaluation,
  ListFigures,
  Rerank,
} from '../../../core/api/language.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { type Column, column, textOf } from '../../components/columns.ts';
import { Table, type TableProps } from '../../components/Table.tsx';
import { capital, countText, fixed } from '../../format/format.ts';
import { shotsFigure } from './figures.ts';

const four = (value: number | null | undefined) => fixed(value, 4);

type Line = { name: string; figures: AnswerFigures };
const answerColumns: Column<Line>[] = [
  column('name', 'Asked', 'text', ({ name }) => name),
  column('questions', 'Questions', 'count', ({ figures }) => figures.questions),
  column('auc', 'AUC', 'metric', ({ figures }) => figures.auc),
  column('interval', '95 % interval', 'interval', ({ figures }) => figures.interval, {
    text: ({ figures: { interval } }) => interval.map(four).join(' to '),
  }),
  column('logloss', 'Log-loss', 'metric', ({ figures }) => figures.logloss),
  column('ece', 'ECE', 'metric', ({ figures }) => figures.ece),
];

const baselineColumns: Column<BaselineFigures>[] = [
  column('name', 'Scores', 'text', ({ name }) => name),
  column('auc', 'AUC', 'metric', ({ auc }) => auc),
  column('difference', 'Δ AUC', 'signed', ({ difference }) => difference.value),
  column('interval', '95 % interval', 'interval', ({ difference }) => difference.interval),
  column('p', 'p (Holm)', 'p', ({ difference }) => difference.p),
  column('logloss', 'Log-loss', 'metric', ({ logloss }) => logloss),
  column('ece', 'ECE', 'metric', ({ ece }) => ece),
];

type TaskLine = LanguageEvaluation['tasks'][number];
const taskColumns: Column<TaskLine>[] = [
  column('task', 'Other task', 'text', ({ task, trained }) => `${task}, ${trained ? 'trained' : 'unseen'}`),
  column('questions', 'Questions', 'count', ({ questions }) => questions),
  column('accuracy', 'Right', 'metric', ({ accuracy }) => accuracy),
  column('chance', 'Majority baseline', 'metric', ({ chance }) => chance),
];

type Bin = LanguageEvaluation['calibration'][number];
const binColumns: Column<Bin>[] = [
  column('p', 'Predicted probability', 'metric', ({ meanProbability }) => meanProbability, 3),
  column('label', 'Share of yes', 'metric', ({ meanLabel }) => meanLabel, 3),
  column('count', 'Questions', 'count', ({ count }) => count),
];

export function EvaluationFigures({ evaluation, model }: { evaluation: LanguageEvaluation; model: string }) {
  const colour = useModelColour(model);
  const { controls, rivals: baselines, calibration, shots, tasks, reranks } = evaluation;
  return (
    <>
      <Figures title="Does the member like it?" columns={answerColumns} rows={linesOf(evaluation)} />
      <div style={{ maxWidth: 640 }}>
        <Figure spec={shotsFigure(shots, colour)} />
      </div>
      {controls.length > 0 && (
        <Figures title="Controls" columns={answerColumns} rows={controlLines(evaluation)} />
      )}
      <Figures title="By past interactions shown" columns={answerColumns} rows={shotLines(evaluation)} />
      <Figures title="Other answers to the same questions" columns={baselineColumns} rows={baselines} />
      <p className="muted">
        The same questions. Differences are of the AUC to this run's, paired by question after DeLong,
        p-values adjusted over the rows; what answers all of them the same is one row. Log-loss and ECE are of
        scores that are probabilities.
      </p>
      <Figures title="Calibration" columns={binColumns} rows={calibration} />
      {tasks.length > 0 && <Figures title="Other tasks" columns={taskColumns} rows={tasks} />}
      {reranks.map((rerank) => (
        <RerankTable key={rerank.kind} rerank={rerank} />
      ))}
    </>
  );
}

/** Of fewer users, too: what the answers rest on. */
function controlLines({ controls, coldItems }: LanguageEvaluation): Line[] {
  const cold = coldItems ? [{ name: 'items unseen in training, of all users', figures: coldItems }] : [];
  return [...controls, ...cold].map(({ name, figures }) => ({ name: capital(name), figures }));
}

/** Of fewer users than the other answers. */
function shotLines({ shots }: LanguageEvaluation): Line[] {
  return shots.map((one) => ({
    name: `Up to ${countText(one.shots, 'past interaction')}, ${one.meanShown.toFixed(1)} shown`,
    figures: one.figures,
  }));
}

function linesOf({ answers, histories, unseenWording }: LanguageEvaluation): Line[] {
  return [
    { name: 'All', figures: answers },
    ...histories.map(({ from, to, figures }) => ({
      name: `History of ${to === null ? `${from} or more` : `${from} to ${to}`}`,
      figures,
    })),
    ...(unseenWording ? [{ name: 'Unseen wording', figures: unseenWording }] : []),
  ];
}

type Ranked = Rerank['figures'][number];
const LISTS: readonly (readonly [keyof ListFigures, string])[] = [
  ['hr1', 'HR@1'],
  ['hr5', 'HR@5'],
  ['hr10', 'HR@10'],
  ['ndcg10', 'NDCG@10'],
];
const nameColumn: Column<Ranked> = column('name', 'Scores', 'text', ({ name }) => name);
const allColumns = LISTS.map(([key, title]) => column<Ranked>(key, title, 'metric', ({ all }) => all[key]));
const coveredColumns = LISTS.map(([key, title]) =>
  column<Ranked>(`${key} if in`, `${title} if in the list`, 'metric', ({ covered }) => covered?.[key]),
);

function RerankTable({ rerank }: { rerank: Rerank }) {
  const { kind, candidates, covered, users, figures, millisecondsPerCandidate } = rerank;
  const drawn = kind === 'drawn';
  return (
    <>
      <Figures
        title={drawn ? 'Re-ranking drawn candidates' : "Re-ranking a retriever's candidates"}
        columns={[nameColumn, ...allColumns, ...(drawn ? [] : coveredColumns)]}
        rows={figures}
      />
      <p className="muted">
        Candidates: {candidates}; never to be compared with full ranking.{' '}
        {!drawn &&
          `${covered} of ${users} held-out items are in the list (recall ${four(covered / users)}), the others count 0. `}
        {fixed(millisecondsPerCandidate, 2)} ms per candidate.
      </p>
    </>
  );
}

/** The first column tells the rows apart. */
function Figures<Row>(table: Omit<TableProps<Row>, 'rowKey'>) {
  return (
    <div className="language-table">
      <Table heading="h3" rowKey={(row) => textOf(table.columns[0], row)} {...table} />
    </div>
  );
}
