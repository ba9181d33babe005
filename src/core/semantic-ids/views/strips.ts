/** How the codes of each level are used, and by which categories. */
import { entropyOf } from '../../math/information.ts';
import { type CodeTable, hasId, type Labels } from './code-table.ts';
import { forEachSelected, type Selection } from './selection.ts';

/** All arrays are [codes of the level]. */
export interface LevelUse {
  /** Items. */
  counts: Int32Array;
  /** Interactions with these items. */
  interactions: Float64Array;
  /** Index of the commonest category among its items, -1 where none is known. */
  dominant: Int16Array;
  /** Share of that category among its items with a known one; 0 where none is known. */
  purity: Float32Array;
  /** Share of the codes that are used by at least one item. */
  usage: number;
  /** Perplexity of the codes over items, exp of their entropy: as many equally used codes would be as uncertain. */
  perplexity: number;
  /** Share of the uncertainty about an item's category that the code takes away; null without two categories. */
  told: number | null;
}

/** @param popularity [items] interactions of each item */
export function levelUse(
  table: CodeTable,
  level: number,
  popularity: Int32Array,
  labels: Labels | null,
): LevelUse {
  const { codes, levels, items, codebookSizes } = table;
  const size = codebookSizes[level];
  const counts = new Int32Array(size);
  const interactions = new Float64Array(size);
  const kinds = labels?.names.length ?? 0;
  const byKind = new Int32Array(size * kinds);
  for (let item = 0; item < items; item++) {
    if (!hasId(table, item)) continue;
    const code = codes[item * levels + level];
    counts[code]++;
    interactions[code] += popularity[item];
    if (labels && labels.of[item] >= 0) byKind[code * kinds + labels.of[item]]++;
  }
  const dominant = new Int16Array(size);
  const purity = new Float32Array(size);
  for (let code = 0; code < size; code++) {
    const most = mostFrequent(byKind.subarray(code * kinds, (code + 1) * kinds));
    dominant[code] = most.index;
    purity[code] = most.share;
  }
  const told = toldShare(byKind, kinds);
  return {
    ...{ counts, interactions, dominant, purity, told },
    ...{ usage: usageOf(counts), perplexity: perplexityOf(counts) },
  };
}

/** I(code; category) over H(category), of counts by [code, category]. */
function toldShare(byKind: Int32Array, kinds: number): number | null {
  const totals = new Float64Array(kinds);
  let [known, left] = [0, 0];
  for (const [at, count] of byKind.entries()) totals[at % kinds] += count;
  for (const total of totals) known += total;
  const entropy = entropyOf(totals);
  if (known === 0 || entropy === 0) return null;
  for (let from = 0; from < byKind.length; from += kinds) {
    const row = byKind.subarray(from, from + kinds);
    const items = row.reduce((sum, count) => sum + count, 0);
    if (items > 0) left += (items / known) * entropyOf(row);
  }
  return 1 - left / entropy;
}

/** Selected items of each code of a level. */
export function selectedUse(table: CodeTable, level: number, selected: Selection): Int32Array {
  const { codes, levels, codebookSizes } = table;
  const counts = new Int32Array(codebookSizes[level]);
  forEachSelected(table, selected, (item) => counts[codes[item * levels + level]]++);
  return counts;
}

/** The largest of some counts; index -1 where all are 0. */
export function mostFrequent(counts: Int32Array): { index: number; share: number } {
  let [index, most, total] = [-1, 0, 0];
  for (const [at, count] of counts.entries()) {
    total += count;
    if (count > most) [index, most] = [at, count];
  }
  return { index, share: total > 0 ? most / total : 0 };
}

export function usageOf(counts: Int32Array): number {
  let used = 0;
  for (const count of counts) if (count > 0) used++;
  return counts.length > 0 ? used / counts.length : 0;
}

/** 0 where nothing is counted. */
export function perplexityOf(counts: Int32Array): number {
  return counts.some((count) => count > 0) ? Math.exp(entropyOf(counts)) : 0;
}
