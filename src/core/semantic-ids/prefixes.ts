/** Semantic IDs as a tree: an item lies under the prefix of its first codes, at every depth. */
import type { SemanticIds } from './types.ts';

/** Items by prefix: dense numbers, equal exactly where the codes are; -1 for items without an ID. */
export interface Prefixes {
  /** [items] */
  ids: Int32Array;
  /** Distinct prefixes. */
  count: number;
}

/** Prefixes of every depth from 1 to all levels (index 0 is depth 1), numbered in the order of their first item. */
export function prefixesByDepth(ids: Pick<SemanticIds, 'levels' | 'codebookSizes' | 'codes'>): Prefixes[] {
  const result: Prefixes[] = [];
  for (let level = 0; level < ids.levels; level++) result.push(deeper(result[level - 1] ?? null, ids, level));
  return result;
}

/** The prefixes that one more level makes of those above it (null above the first). */
function deeper(
  above: Prefixes | null,
  { codes, levels, codebookSizes }: Pick<SemanticIds, 'levels' | 'codebookSizes' | 'codes'>,
  level: number,
): Prefixes {
  const ids = new Int32Array(codes.length / levels).fill(-1);
  const known = new Map<number, number>();
  for (let item = 0; item < ids.length; item++) {
    const code = codes[item * levels + level];
    if (code < 0) continue;
    const key = (above ? above.ids[item] : 0) * codebookSizes[level] + code;
    let id = known.get(key);
    if (id === undefined) {
      id = known.size;
      known.set(key, id);
    }
    ids[item] = id;
  }
  return { ids, count: known.size };
}
