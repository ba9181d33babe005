/** How Semantic IDs change while a tokeniser trains. */
import { type CodeTable, hasId } from './code-table.ts';
import { bucketStarts } from './collisions.ts';
import { prefixOrder } from './prefix-order.ts';
import { perplexityOf, selectedUse, usageOf } from './strips.ts';

export interface LevelMoment {
  usage: number;
  perplexity: number;
  /** Share of the items whose code at this level is another than a moment before; null at the first. */
  changed: number | null;
}

export interface Moment {
  /** [levels] */
  levels: LevelMoment[];
  /** 1 − distinct IDs / items with an ID. */
  collisionRate: number;
}

export function momentOf(table: CodeTable, before: CodeTable | null): Moment {
  const order = prefixOrder(table);
  const all = { items: null, mask: null, count: order.length };
  const unique = bucketStarts(table, order).length - 1;
  return {
    levels: table.codebookSizes.map((_, level) => {
      const counts = selectedUse(table, level, all);
      return {
        usage: usageOf(counts),
        perplexity: perplexityOf(counts),
        changed: before && changedShare(table, before, level),
      };
    }),
    collisionRate: order.length > 0 ? 1 - unique / order.length : 0,
  };
}

/** Of the items with an ID in both. */
function changedShare(now: CodeTable, before: CodeTable, level: number): number {
  let [known, changed] = [0, 0];
  for (let item = 0; item < Math.min(now.items, before.items); item++) {
    if (!hasId(now, item) || !hasId(before, item)) continue;
    known++;
    if (now.codes[item * now.levels + level] !== before.codes[item * before.levels + level]) changed++;
  }
  return known > 0 ? changed / known : 0;
}

/** The moment whose mean perplexity over the levels fell most from the one before; null where it never fell by a tenth. */
export function collapseOf(moments: readonly Moment[]): number | null {
  const means = moments.map(
    ({ levels }) => levels.reduce((sum, { perplexity }) => sum + perplexity, 0) / Math.max(1, levels.length),
  );
  let [worst, ratio] = [-1, 0.9];
  for (let at = 1; at < means.length; at++) {
    if (means[at] < ratio * means[at - 1]) [worst, ratio] = [at, means[at] / means[at - 1]];
  }
  return worst < 0 ? null : worst;
}

/** Share of first codes that may change from one moment to the next where they are settled. */
const SETTLED = 0.05;

/**
 * From which moment on first codes hardly changed, and the largest share of them that changed between two later ones; null
 * where they did until the end.
 */
export function settledOf(moments: readonly Moment[]): { at: number; changed: number } | null {
  const changes = moments.map(({ levels }) => levels[0]?.changed ?? 1);
  const at = changes.findLastIndex((changed) => changed > SETTLED);
  return at < 0 || at + 1 >= moments.length ? null : { at, changed: Math.max(...changes.slice(at + 1)) };
}
