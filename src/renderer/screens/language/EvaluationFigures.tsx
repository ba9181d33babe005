import type {
  AnswerFigures,
  BaselineFigures,
  LanguageEvaluation,
  ListFigures,
  Rerank,
} from '../../../core/api/language.ts';
import { modelColour } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable, type TitledTableProps } from '../../components/TitledTable.tsx';
import { countText, fixed, grouped, pValueText, signed } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';
import { shotsFigure } from './figures.ts';

const four = (value: number | null | undefined) => fixed(value, 4);
const change = (value: number | null | undefined) => signed(value, 4);
const between = ([low, high]: readonly [number, number], text = four) => `${text(low)} to ${text(high)}`;

type Line = { name: string; figures: AnswerFigures };
const answerColumns: Column<Line>[] = [
  column('name', 'Asked', ({ name }) => name),
  numeric('questions', 'Questions', ({ figures }) => grouped(figures.questions)),
  numeric('auc', 'AUC', ({ figures }) => four(figures.auc)),
  numeric('interval', '95 % interval', ({ figures }) => between(figures.interval)),
  numeric('logloss', 'Log-loss', ({ figures }) => four(figures.logloss)),
  numeric('ece', 'ECE', ({ figures }) => four(figures.ece)),
];

const baselineColumns: Column<BaselineFigures>[] = [
  column('name', 'Scores', ({ name }) => name),
  numeric('auc', 'AUC', ({ auc }) => four(auc)),
  numeric('difference', 'Δ AUC', ({ difference }) => change(difference.value)),
  numeric('interval', '95 % interval', ({ difference }) => between(difference.interval, change)),
  numeric('p', 'p (Holm)', ({ difference }) => pValueText(difference.p)),
  numeric('logloss', 'Log-loss', ({ logloss }) => four(logloss)),
  numeric('ece', 'ECE', ({ ece }) => four(ece)),
];

type TaskLine = LanguageEvaluation['tasks'][number];
const taskColumns: Column<TaskLine>[] = [
  column('task', 'Other task', ({ task, trained }) => `${task}, ${trained ? 'trained' : 'unseen'}`),
  numeric('questions', 'Questions', ({ questions }) => grouped(questions)),
  numeric('accuracy', 'Right', ({ accuracy }) => four(accuracy)),
  numeric('chance', 'Best single answer', ({ chance }) => four(chance)),
];

type Bin = LanguageEvaluation['calibration'][number];
const binColumns: Column<Bin>[] = [
  column('p', 'Said probability', ({ meanProbability }) => fixed(meanProbability, 3)),
  numeric('label', 'Share of yes', ({ meanLabel }) => fixed(meanLabel, 3)),
  numeric('count', 'Questions', ({ count }) => grouped(count)),
];

export function EvaluationFigures({ evaluation, model }: { evaluation: LanguageEvaluation; model: string }) {
  const theme = useTheme((state) => state.theme);
  const { rivals: baselines, calibration, shots, tasks, reranks } = evaluation;
  return (
    <>
      <Figures title="Does the member like it?" columns={answerColumns} rows={linesOf(evaluation)} />
      <div className="language-shots">
        <Figure spec={shotsFigure(shots, modelColour(model, theme))} />
      </div>
      <Figures title="Without reading the prompt" columns={baselineColumns} rows={baselines} />
      <p className="muted">
        The same questions. Differences are of the AUC to this run's, paired by question after DeLong,
        p-values adjusted over the rows; log-loss and ECE are of scores that are probabilities.
      </p>
      <Figures title="Calibration" columns={binColumns} rows={calibration} />
      {tasks.length > 0 && <Figures title="Other tasks" columns={taskColumns} rows={tasks} />}
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
      name: `${countText(one.shots, 'shot')}, ${one.meanShown.toFixed(1)} shown`,
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
const nameColumn: Column<Ranked> = column('name', 'Scores', ({ name }) => name);
const allColumns = LISTS.map(([key, title]) => numeric<Ranked>(key, title, ({ all }) => four(all[key])));
const coveredColumns = LISTS.map(([key, title]) =>
  numeric<Ranked>(`${key} if in`, `${title} if in the list`, ({ covered }) => four(covered?.[key])),
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
        {fixed(millisecondsPerCandidate, 2)} ms a candidate.
      </p>
    </>
  );
}

/** The first column tells the rows apart. */
function Figures<Row>(table: Omit<TitledTableProps<Row>, 'rowKey'>) {
  return (
    <div className="language-table">
      <TitledTable heading="h3" rowKey={table.columns[0].text} {...table} />
    </div>
  );
}
