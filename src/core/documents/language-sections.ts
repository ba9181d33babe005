/** The evaluation of a language run as tables, for a terminal and for the run's report. */

import type {
  AnswerFigures,
  BaselineFigures,
  LanguageEvaluation,
  Rerank,
} from '../evaluation/language-evaluation.ts';
import { countText } from '../names.ts';
import type { DocumentSection } from './document.ts';
import { fixed, pValue, signed } from './format.ts';
import { askedText } from './language-words.ts';

interface EvaluationTable {
  headings: string[];
  textColumns: number;
  lines: string[][];
}

interface EvaluationSection extends DocumentSection {
  table: EvaluationTable;
  /** Lines below the table. */
  notes: string[];
}

const four = (value: number | null) => fixed(value, 4);
const between = ([low, high]: readonly [number, number], text = four) => `${text(low)} to ${text(high)}`;

const difference4 = (value: number | null) => signed(value, 4);

/** What it found, whom it asked and beside whom. */
export function evaluationSections(evaluation: LanguageEvaluation): EvaluationSection[] {
  const { reranks, tasks, rivals: baselines } = evaluation;
  return [
    {
      title: 'Does the member like it?',
      table: answersTable(evaluation),
      notes: [askedText(evaluation)],
    },
    { title: 'Other answers to the same questions', table: baselinesTable(baselines), notes: [] },
    ...(tasks.length > 0 ? [{ title: 'Other tasks', table: tasksTable(tasks), notes: [] }] : []),
    ...reranks.map((rerank) => ({
      title: rerankTitle(rerank),
      table: rerankTable(rerank),
      notes: [rerankFacts(rerank)],
    })),
  ];
}

function answersTable(evaluation: LanguageEvaluation): EvaluationTable {
  const { answers, controls, coldItems, shots, histories, unseenWording } = evaluation;
  const measurements: [string, AnswerFigures][] = [
    ['all', answers],
    ...(coldItems ? [['items unseen in training', coldItems] as [string, AnswerFigures]] : []),
    ...controls.map(({ name, figures }): [string, AnswerFigures] => [name, figures]),
    ...shots.map((one): [string, AnswerFigures] => [
      `${countText(one.shots, 'shot')} (${fixed(one.meanShown, 1)} shown)`,
      one.figures,
    ]),
    ...histories.map(({ from, to, figures }): [string, AnswerFigures] => [
      `history of ${to === null ? `${from} or more` : `${from} to ${to}`}`,
      figures,
    ]),
    ...(unseenWording ? [['unseen wording', unseenWording] as [string, AnswerFigures]] : []),
  ];
  const headings = ['', 'Questions', 'AUC', '95 % interval', 'Log-loss', 'ECE'];
  const lines = measurements.map(([name, { questions, auc, interval, logloss, ece }]) => [
    name,
    String(questions),
    four(auc),
    between(interval),
    four(logloss),
    four(ece),
  ]);
  return { headings, textColumns: 1, lines };
}

function baselinesTable(baselines: readonly BaselineFigures[]): EvaluationTable {
  const headings = ['Scores', 'AUC', 'Difference', '95 % interval', 'p (Holm)', 'Log-loss', 'ECE'];
  const lines = baselines.map(({ name, auc, difference, logloss, ece }) => [
    name,
    four(auc),
    difference4(difference.value),
    between(difference.interval, difference4),
    pValue(difference.p),
    four(logloss),
    four(ece),
  ]);
  return { headings, textColumns: 1, lines };
}

function tasksTable(tasks: LanguageEvaluation['tasks']): EvaluationTable {
  const headings = ['Task', '', 'Questions', 'Right', 'Majority baseline'];
  const lines = tasks.map(({ task, trained, questions, accuracy, chance }) => [
    task,
    trained ? 'trained' : 'unseen',
    String(questions),
    four(accuracy),
    four(chance),
  ]);
  return { headings, textColumns: 2, lines };
}

const rerankTitle = ({ candidates }: Rerank) =>
  `Re-ranking ${candidates}; not to be compared with full ranking`;

/** Over all users, and for a retriever's lists also over those whose held-out item is in it. */
function rerankTable({ kind, figures }: Rerank): EvaluationTable {
  const names = ['HR@1', 'HR@5', 'HR@10', 'NDCG@10'];
  const headings = [
    'Scores',
    ...names,
    ...(kind === 'retrieved' ? names.map((name) => `${name} if in`) : []),
  ];
  const lines = figures.map(({ name, all, covered }) => [
    name,
    four(all.hr1),
    four(all.hr5),
    four(all.hr10),
    four(all.ndcg10),
    ...(kind === 'drawn'
      ? []
      : covered === null
        ? names.map(() => '–')
        : [four(covered.hr1), four(covered.hr5), four(covered.hr10), four(covered.ndcg10)]),
  ]);
  return { headings, textColumns: 1, lines };
}

function rerankFacts({ kind, covered, users, millisecondsPerCandidate }: Rerank): string {
  const found =
    kind === 'drawn'
      ? countText(users, 'user')
      : `${covered} of ${users} held-out items are in the list (recall ${four(covered / users)}), the others count 0`;
  return `${found}; ${fixed(millisecondsPerCandidate, 2)} ms per candidate`;
}
