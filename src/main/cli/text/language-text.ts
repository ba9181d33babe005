/** Pretrained models and evaluations of language runs as text for a terminal. */

import { type AdapterBase, baseText } from '../../../core/decoders/pretrained/adapter-base.ts';
import { memoryText } from '../../../core/documents/format.ts';
import { evaluationSections } from '../../../core/documents/language-sections.ts';
import type { LanguageEvaluation } from '../../../core/evaluation/language-evaluation.ts';
import type { ModelCard } from '../../../core/families/language/model-card.ts';
import { withCommas } from '../../../core/names.ts';
import { textTable } from '../terminal/text-table.ts';

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
  return evaluationSections(evaluation)
    .map(({ title, table: { headings, textColumns, lines }, notes }) =>
      [title, textTable(headings, lines, headings.slice(textColumns)), ...notes].join('\n'),
    )
    .join('\n\n');
}
