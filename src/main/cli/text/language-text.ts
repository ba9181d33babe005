/** The evaluation of a language run as text for a terminal. */

import { type AdapterBase, baseText } from '../../../core/decoders/pretrained/adapter-base.ts';
import { fixed, memoryText, pValue, signed } from '../../../core/documents/format.ts';
import { askedText } from '../../../core/documents/language-words.ts';
import type {
  AnswerFigures,
  BaselineFigures,
  LanguageEvaluation,
  Rerank,
} from '../../../core/evaluation/language-evaluation.ts';
import type { ModelCard } from '../../../core/families/language/model-card.ts';
import { countText, withCommas } from '../../../core/names.ts';
import { textTable } from '../terminal/text-table.ts';

const four = (value: number | null) => fixed(value, 4);
const between = ([low, high]: readonly [number, number], text = four) => `${text(low)} to ${text(high)}`;

const difference4 = (value: number | null) => signed(value, 4);

export function cardText(card: ModelCard, base: AdapterBase | null): string {
  const { stated, architecture, sizes, parameters, areas, types, tokenizer, memory } = card;
  const { blocks, dim, heads, kvHeads, ffnDim, experts, vocabulary, context } = sizes;
  const share = (count: number) => `${Math.round((100 * count) / parameters)} %`;
  const facts = [
    ['Name', stated ?? 'not recorded'],
    ...(base ? [['Adapter', baseText(base).message]] : []),
    ['Architecture', architecture],
    ['Parameters', withCommas(parameters)],
    ...Object.entries(areas).map(([area, count]) => [`  ${area}`, share(count)]),
    [
      'Blocks',
      `${blocks} of width ${dim}, ${heads} heads (${kvHeads} of keys and values), feed-forward ${ffnDim}`,
    ],
    ...(experts ? [['Experts', `${experts.count} in a block, ${experts.used} of a token`]] : []),
    ['Numbers', types.map((type) => `${type.name} ${share(type.parameters)}`).join(', ')],
    ['Vocabulary', withCommas(vocabulary)],
    ['Context', `${withCommas(context)} tokens`],
    ['Tokenizer', 'problem' in tokenizer ? tokenizer.problem : `${withCommas(tokenizer.tokens)} tokens`],
    ['Chat template', 'chat' in tokenizer && tokenizer.chat ? 'yes' : 'none'],
    [
      'Memory',
      `about ${memoryText(memory.scoring)} to answer, ${memoryText(memory.adapters)} to train adapters on answers, ${memoryText(memory.adaptersOfAll)} on every token`,
    ],
  ];
  return textTable(['', ''], facts);
}

export function evaluationText(evaluation: LanguageEvaluation): string {
  const { reranks, tasks, rivals: baselines } = evaluation;
  return [
    ['Does the member like it?', answersTable(evaluation), askedText(evaluation)],
    ['Other answers to the same questions', baselinesTable(baselines)],
    ...(tasks.length > 0 ? [['Other tasks', tasksTable(tasks)]] : []),
    ...reranks.map((rerank) => [rerankTitle(rerank), rerankTable(rerank), rerankFacts(rerank)]),
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function answersTable(evaluation: LanguageEvaluation): string {
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
  const rows = measurements.map(([name, { questions, auc, interval, logloss, ece }]) => [
    name,
    String(questions),
    four(auc),
    between(interval),
    four(logloss),
    four(ece),
  ]);
  return textTable(headings, rows, headings.slice(1));
}

function baselinesTable(baselines: readonly BaselineFigures[]): string {
  const headings = ['Scores', 'AUC', 'Difference', '95 % interval', 'p (Holm)', 'Log-loss', 'ECE'];
  const rows = baselines.map(({ name, auc, difference, logloss, ece }) => [
    name,
    four(auc),
    difference4(difference.value),
    between(difference.interval, difference4),
    pValue(difference.p),
    four(logloss),
    four(ece),
  ]);
  return textTable(headings, rows, headings.slice(1));
}

function tasksTable(tasks: LanguageEvaluation['tasks']): string {
  const headings = ['Task', '', 'Questions', 'Right', 'Majority baseline'];
  const rows = tasks.map(({ task, trained, questions, accuracy, chance }) => [
    task,
    trained ? 'trained' : 'unseen',
    String(questions),
    four(accuracy),
    four(chance),
  ]);
  return textTable(headings, rows, headings.slice(2));
}

const rerankTitle = ({ candidates }: Rerank) =>
  `Re-ranking ${candidates}; not to be compared with full ranking`;

/** Over all users, and for a retriever's lists also over those whose held-out item is in it. */
function rerankTable({ kind, figures }: Rerank): string {
  const names = ['HR@1', 'HR@5', 'HR@10', 'NDCG@10'];
  const headings = [
    'Scores',
    ...names,
    ...(kind === 'retrieved' ? names.map((name) => `${name} if in`) : []),
  ];
  const rows = figures.map(({ name, all, covered }) => [
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
  return textTable(headings, rows, headings.slice(1));
}

function rerankFacts({ kind, covered, users, millisecondsPerCandidate }: Rerank): string {
  const found =
    kind === 'drawn'
      ? countText(users, 'user')
      : `${covered} of ${users} held-out items are in the list (recall ${four(covered / users)}), the others count 0`;
  return `${found}; ${fixed(millisecondsPerCandidate, 2)} ms per candidate`;
}
