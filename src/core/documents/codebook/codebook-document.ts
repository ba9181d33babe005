/** What a tokeniser made of a catalogue, as a document: how its codes are used, and how many items share an ID. */
import { modelTitle } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import type { SemanticIds } from '../../semantic-ids/types.ts';
import { bucketStarts, collisions } from '../../semantic-ids/views/collisions.ts';
import { prefixOrder } from '../../semantic-ids/views/prefix-order.ts';
import { levelUse } from '../../semantic-ids/views/strips.ts';
import { figure, fileSafe, type ReportDocument } from '../document.ts';
import { fixed, grouped } from '../format.ts';
import { colourIndex } from '../run-colours.ts';
import { codeUseFigure, sizesFigure } from './figures.ts';

interface Codebook {
  name: string;
  /** Id of the model. */
  model: string;
  dataset: string;
  ids: SemanticIds;
}

export function codebookDocument({ name, model, dataset, ids }: Codebook): ReportDocument {
  const { levels, codebookSizes, items } = ids;
  const popularity = new Int32Array(items);
  const uses = codebookSizes.map((_, level) => levelUse(ids, level, popularity, null));
  const order = prefixOrder(ids);
  const withIds = order.length;
  const all = { items: null, mask: null, count: withIds };
  const { sizes, colliding } = collisions(order, bucketStarts(ids, order), all);
  const shared = withIds === 0 ? 0 : (100 * colliding) / withIds;
  const used = uses.map(({ usage }) => usage);
  const answer =
    `${countText(levels, 'level')} of ${[...new Set(codebookSizes)].join(', ')} codes, ` +
    `${[...new Set([Math.min(...used), Math.max(...used)].map((share) => fixed(100 * share, 0)))].join(' to ')} % of them used; ` +
    `${fixed(shared, 1)} % of the items share their ID`;
  return {
    stem: `codebook-${fileSafe(name)}`,
    title: `Codebook ${name}`,
    answer,
    sections: [
      {
        title: 'Overview',
        text: [
          `${modelTitle(model)} on ${dataset}: ${grouped(withIds)} of ${grouped(items)} items have an ID. ${answer}.`,
        ],
      },
      {
        title: 'Codes of each level',
        table: {
          headings: ['Level', 'Codes', 'Used', 'Share used', 'Perplexity'],
          textColumns: 1,
          numbers: [0],
          lines: uses.map(({ counts, usage, perplexity }, level) => [
            String(level + 1),
            grouped(codebookSizes[level]),
            grouped(counts.filter((count) => count > 0).length),
            `${fixed(100 * usage, 1)} %`,
            fixed(perplexity, 1),
          ]),
        },
        figures: [
          ...figure(
            'Items of each code, the most used first',
            codeUseFigure(
              name,
              uses.map(({ counts }) => [...counts]),
            ),
          ),
          ...figure('IDs by how many items share them', sizesFigure(name, sizes, colourIndex(model))),
        ],
        notes: ['Perplexity: the number of equally used codes with the same entropy.'],
      },
    ],
    data: {
      format: 'tessera-codebook',
      version: 1,
      name,
      model,
      dataset,
      levels,
      codebookSizes,
      items,
      sizes,
    },
  };
}
