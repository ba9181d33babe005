/** How a tokeniser uses each of its codebooks, and the information that levels share. */
import { gini } from '../../evaluation/beyond-accuracy.ts';
import { contingency, entropyOf } from '../../math/information.ts';
import type { Prefixes } from '../prefixes.ts';
import type { SemanticIds } from '../types.ts';

export interface LevelMeasures {
  /** Counted from 1. */
  level: number;
  codebookSize: number;
  /** Items by code, [codebookSize] */
  counts: Int32Array;
  /** Share of codes with items. */
  usage: number;
  /** exp(entropy of the codes): as many equally used codes have this entropy. */
  perplexity: number;
  perplexityShare: number;
  gini: number;
  /** Codes without items. */
  dead: number[];
  /** Share of items on the most used code. */
  maxShare: number;
  /** Bits that the code adds to those above it: H(code | codes above). */
  conditionalEntropy: number;
  /** Bits that the code shares with each level above, in their order; 0 is no redundancy. */
  sharedWithEarlier: number[];
}

const BITS = 1 / Math.LN2;

/** Codes of one level, [items], -1 for items without an ID. */
export function codesOfLevel({ codes, levels, items }: SemanticIds, level: number): Int32Array {
  return Int32Array.from({ length: items }, (_, item) => codes[item * levels + level]);
}

/** Items by label, [size]; those with -1 are not counted. */
export function countLabels(labels: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size);
  for (const label of labels) if (label >= 0) counts[label]++;
  return counts;
}

/** Measures of every level; `prefixes` are those of the IDs, by depth. */
export function measureLevels(ids: SemanticIds, prefixes: readonly Prefixes[]): LevelMeasures[] {
  const codes = ids.codebookSizes.map((_, level) => codesOfLevel(ids, level));
  const entropies = prefixes.map(({ ids: labels, count }) =>
    entropyOf(Array.from(countLabels(labels, count))),
  );
  return codes.map((levelCodes, level) => {
    const codebookSize = ids.codebookSizes[level];
    const counts = countLabels(levelCodes, codebookSize);
    const items = counts.reduce((sum, count) => sum + count, 0);
    const dead = [...counts.keys()].filter((code) => counts[code] === 0);
    const perplexity = Math.exp(entropyOf(Array.from(counts)));
    return {
      level: level + 1,
      codebookSize,
      counts,
      usage: 1 - dead.length / codebookSize,
      perplexity,
      perplexityShare: perplexity / codebookSize,
      gini: gini(counts),
      dead,
      maxShare: counts.reduce((most, count) => Math.max(most, count), 0) / items,
      conditionalEntropy: BITS * Math.max(entropies[level] - (entropies[level - 1] ?? 0), 0),
      sharedWithEarlier: codes
        .slice(0, level)
        .map((other) => BITS * contingency(levelCodes, other).information),
    };
  });
}
