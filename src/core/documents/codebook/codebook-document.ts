/** What a tokeniser made of a catalogue, as a document: how its codes are used, and how many items share an ID. */
import { modelTitle } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import type { SemanticIds } from '../../semantic-ids/types.ts';
import { hasId } from '../../semantic-ids/views/code-table.ts';
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
  const sizes = sharedBy(ids);
  const withIds = sizes.reduce((sum, { size, buckets }) => sum + size * buckets, 0);
  const alone = sizes.find(({ size }) => size === 1)?.buckets ?? 0;
  const shared = withIds === 0 ? 0 : (100 * (withIds - alone)) / withIds;
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
        title: 'What was made',
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
        notes: ['Perplexity: as many equally used codes would be as uncertain.'],
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

/** How many IDs are shared by how many items, from 1. */
function sharedBy(ids: SemanticIds): { size: number; buckets: number }[] {
  const { items, levels, codes } = ids;
  const buckets = new Map<string, number>();
  for (let item = 0; item < items; item++) {
    if (!hasId(ids, item)) continue;
    const id = codes.subarray(item * levels, (item + 1) * levels).join();
    buckets.set(id, (buckets.get(id) ?? 0) + 1);
  }
  const sizes = new Map<number, number>();
  for (const size of buckets.values()) sizes.set(size, (sizes.get(size) ?? 0) + 1);
  return [...sizes].map(([size, count]) => ({ size, buckets: count })).sort((a, b) => a.size - b.size);
}
