import type {
  AnswerFigures,
  LanguageEvaluation,
  ListFigures,
  Rerank,
  RivalFigures,
} from '../../../core/api/language.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { StaticTable } from '../../components/StaticTable.tsx';
import { fixed, grouped, pValueText, signed } from '../../format/format.ts';
import { ShotsFigure } from './ShotsFigure.tsx';

const four = (value: number | null | undefined) => fixed(value, 4);
const change = (value: number | null | undefined) => signed(value, 4);
const between = ([low, high]: readonly [number, number], text = four) => `${text(low)} to ${text(high)}`;

/** A column of numbers. */
function numbers<Row>(id: string, title: string, text: (row: Row) => string): Column<Row> {
  return { id, title, numeric: true, text };
}

type Line = { name: string; figures: AnswerFigures };
const answerColumns: Column<Line>[] = [
  { id: 'name', title: 'Asked', text: ({ name }) => name },
  numbers('questions', 'Questions', ({ figures }) => grouped(figures.questions)),
  numbers('auc', 'AUC', ({ figures }) => four(figures.auc)),
  numbers('interval', '95 % interval', ({ figures }) => between(figures.interval)),
  numbers('logloss', 'Log-loss', ({ figures }) => four(figures.logloss)),
  numbers('ece', 'ECE', ({ figures }) => four(figures.ece)),
];

const rivalColumns: Column<RivalFigures>[] = [
  { id: 'name', title: 'Scores', text: ({ name }) => name },
  numbers('auc', 'AUC', ({ auc }) => four(auc)),
  numbers('difference', 'Δ AUC', ({ difference }) => change(difference.value)),
  numbers('interval', '95 % interval', ({ difference }) => between(difference.interval, change)),
  numbers('p', 'p (Holm)', ({ difference }) => pValueText(difference.p)),
  numbers('logloss', 'Log-loss', ({ logloss }) => four(logloss)),
  numbers('ece', 'ECE', ({ ece }) => four(ece)),
];

type TaskLine = LanguageEvaluation['tasks'][number];
const taskColumns: Column<TaskLine>[] = [
  {
    id: 'task',
    title: 'Other task',
    text: ({ task, trained }) => `${task}, ${trained ? 'trained' : 'unseen'}`,
  },
  numbers('questions', 'Questions', ({ questions }) => grouped(questions)),
  numbers('accuracy', 'Right', ({ accuracy }) => four(accuracy)),
  numbers('chance', 'Best single answer', ({ chance }) => four(chance)),
];

type Bin = LanguageEvaluation['calibration'][number];
const binColumns: Column<Bin>[] = [
  { id: 'p', title: 'Said probability', text: ({ meanProbability }) => fixed(meanProbability, 3) },
  numbers('label', 'Share of yes', ({ meanLabel }) => fixed(meanLabel, 3)),
  numbers('count', 'Questions', ({ count }) => grouped(count)),
];

export function EvaluationFigures({ evaluation }: { evaluation: LanguageEvaluation }) {
  const { rivals, calibration, shots, tasks, reranks } = evaluation;
  return (
    <>
      <TitledTable title="Does the member like it?" columns={answerColumns} rows={linesOf(evaluation)} />
      <div className="language-shots">
        <ShotsFigure shots={shots} />
      </div>
      <TitledTable title="Without reading the prompt" columns={rivalColumns} rows={rivals} />
      <p className="muted">
        The same questions. Differences are of the AUC to this run's, paired by question after DeLong,
        p-values adjusted over the rows; log-loss and ECE are of scores that are probabilities.
      </p>
      <TitledTable title="Calibration" columns={binColumns} rows={calibration} />
      {tasks.length > 0 && <TitledTable title="Other tasks" columns={taskColumns} rows={tasks} />}
      {reranks.map((rerank) => (
        <RerankTable key={rerank.kind} rerank={rerank} />
      ))}
    </>
  );
}

function linesOf({ answers, shots, histories, unseenWording }: LanguageEvaluation): Line[] {
  return [
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
}

type Ranked = Rerank['figures'][number];
const LISTS: readonly (readonly [keyof ListFigures, string])[] = [
  ['hr1', 'HR@1'],
  ['hr5', 'HR@5'],
  ['hr10', 'HR@10'],
  ['ndcg10', 'NDCG@10'],
];
const nameColumn: Column<Ranked> = { id: 'name', title: 'Scores', text: ({ name }) => name };
const allColumns = LISTS.map(([key, title]) => numbers<Ranked>(key, title, ({ all }) => four(all[key])));
const coveredColumns = LISTS.map(([key, title]) =>
  numbers<Ranked>(`${key} if in`, `${title} if in the list`, ({ covered }) => four(covered?.[key])),
);

function RerankTable({ rerank }: { rerank: Rerank }) {
  const { kind, candidates, covered, users, figures, millisecondsPerCandidate } = rerank;
  const drawn = kind === 'drawn';
  return (
    <>
      <TitledTable
        title={drawn ? 'Re-ranking drawn candidates' : "Re-ranking a retriever's candidates"}
        columns={[nameColumn, ...allColumns, ...(drawn ? [] : coveredColumns)]}
        rows={figures}
      />
      <p className="muted">
        Candidates: {candidates}; never to be compared with full ranking.{' '}
        {!drawn &&
          `${covered} of ${users} held-out items are in the list (recall ${four(covered / users)}), the others count 0. `}
        {fixed(millisecondsPerCandidate, 2)} ms a candidate.
      </p>
    </>
  );
}

interface TitledTableProps<Row> {
  title: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}

/** A table under its title, which can be copied. The first column tells its rows apart. */
function TitledTable<Row>({ title, columns, rows }: TitledTableProps<Row>) {
  return (
    <div className="language-table">
      <div className="section-head">
        <h3>{title}</h3>
        <CopyMenu label={`Copy ${title}`} columns={columns} rows={() => rows} />
      </div>
      <StaticTable label={title} columns={columns} rows={rows} rowKey={columns[0].text} />
    </div>
  );
}
