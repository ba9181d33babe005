/** How alike two tokenisers are, or one at two moments. */

import { UserError } from '../../errors.ts';
import { adjustedInformation, contingency } from '../../math/information.ts';
import { countText } from '../../names.ts';
import type { Prefixes } from '../prefixes.ts';
import { prefixesByDepth } from '../prefixes.ts';
import type { SemanticIds } from '../types.ts';

/** By depth, up to the shallower of both; over the items that both give an ID. */
export interface Stability {
  items: number;
  /** Adjusted mutual information of the prefixes: 1 where they group items alike, whatever the codes are called. */
  ami: number[];
  /** Share of items with the very same codes; it means something for two moments of one run. */
  kept: number[];
  /** Share of items that go with most of their prefix's items into one prefix of the other: moves, not renamings, lower it. */
  together: number[];
}

/** @throws UserError where the two are not of one catalogue */
export function compareTokenisers(a: SemanticIds, b: SemanticIds): Stability {
  if (a.items !== b.items) {
    throw new UserError(
      `Semantic IDs of ${a.items} and of ${countText(b.items, 'item')} are not of one data set; compare tokenisers of the same`,
    );
  }
  const depths = Math.min(a.levels, b.levels);
  const [left, right] = [prefixesByDepth(a), prefixesByDepth(b)];
  const kept = new Float64Array(depths);
  let items = 0;
  for (let item = 0; item < a.items; item++) {
    if (left[0].ids[item] < 0 || right[0].ids[item] < 0) continue;
    items++;
    for (let level = 0; level < depths; level++) {
      if (a.codes[item * a.levels + level] !== b.codes[item * b.levels + level]) break;
      kept[level]++;
    }
  }
  const byDepth = Array.from({ length: depths }, (_, depth) => [left[depth], right[depth]]);
  return {
    items,
    ami: byDepth.map(([x, y]) => adjustedInformation(contingency(x.ids, y.ids))),
    kept: Array.from(kept, (count) => count / items),
    together: byDepth.map(([x, y]) => largestParts(x, y) / items),
  };
}

/** Items in the largest part that each prefix of one side has in a prefix of the other, summed. */
function largestParts({ ids: a, count }: Prefixes, { ids: b, count: width }: Prefixes): number {
  const parts = new Map<number, number>();
  const largest = new Int32Array(count);
  for (let item = 0; item < a.length; item++) {
    if (a[item] < 0 || b[item] < 0) continue;
    const key = a[item] * width + b[item];
    const size = (parts.get(key) ?? 0) + 1;
    parts.set(key, size);
    if (size > largest[a[item]]) largest[a[item]] = size;
  }
  return largest.reduce((sum, size) => sum + size, 0);
}
