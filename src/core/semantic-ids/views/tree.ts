/** The tree of prefixes, as an icicle and a sunburst show it. */
import type { CodeTable, Labels } from './code-table.ts';
import { forEachCode, type PrefixOrder, prefixRange, type Range } from './prefix-order.ts';
import type { Selected } from './selection.ts';
import { mostFrequent } from './strips.ts';

export interface TreeNode {
  /** Place of its parent in the list, -1 for the root; parents stand before their children. */
  parent: number;
  /** Length of its prefix. */
  depth: number;
  /** Last code of its prefix; -1 for the root of the whole tree, and for siblings that are too small to show apart. */
  code: number;
  /** How many prefixes it stands for: 1, or those of the siblings that were joined. */
  prefixes: number;
  items: number;
  /** What its area stands for: items or interactions. */
  weight: number;
  /** Of its items. */
  selected: number;
  dominant: number;
  purity: number;
}

export interface TreeRequest {
  /** The prefix that fills the picture. */
  root: readonly number[];
  /** [items] what each item weighs; null for 1. */
  weights: Int32Array | null;
  labels: Labels | null;
  selected: Selected;
  /** Prefixes below this share of the root's weight are joined with their small siblings. */
  smallest: number;
}

interface Measured {
  items: number;
  weight: number;
  selected: number;
  byKind: Int32Array;
}

/** Nodes from the root down; siblings from the heaviest to the lightest, the joined ones last. */
export function prefixTree(table: CodeTable, order: PrefixOrder, request: TreeRequest): TreeNode[] {
  const { root } = request;
  const nodes: TreeNode[] = [];
  const range = prefixRange(table, order, root);
  const whole = addTo(nothing(request), order, range, request);
  const least = request.smallest * whole.weight;
  const add = (parent: number, depth: number, code: number, prefixes: number, measured: Measured) => {
    const { index, share } = mostFrequent(measured.byKind);
    const { items, weight, selected } = measured;
    nodes.push({ parent, depth, code, prefixes, items, weight, selected, dominant: index, purity: share });
    return nodes.length - 1;
  };
  const descend = (parent: number, depth: number, within: Range): void => {
    if (depth === table.levels) return;
    const large: { code: number; range: Range; measured: Measured }[] = [];
    const rest = nothing(request);
    let joined = 0;
    forEachCode(table, order, within, depth, (code, part) => {
      const weight = weightOf(order, part, request);
      if (weight > 0 && weight >= least) {
        large.push({ code, range: part, measured: addTo(nothing(request), order, part, request) });
      } else {
        joined++;
        addTo(rest, order, part, request);
      }
    });
    large.sort((a, b) => b.measured.weight - a.measured.weight || a.code - b.code);
    const places = large.map(({ code, measured }) => add(parent, depth + 1, code, 1, measured));
    if (joined > 0) add(parent, depth + 1, -1, joined, rest);
    for (const [at, { range: part }] of large.entries()) descend(places[at], depth + 1, part);
  };
  const top = add(-1, root.length, root.at(-1) ?? -1, 1, whole);
  descend(top, root.length, range);
  return nodes;
}

function nothing({ labels }: TreeRequest): Measured {
  return { items: 0, weight: 0, selected: 0, byKind: new Int32Array(labels?.names.length ?? 0) };
}

function weightOf(order: PrefixOrder, { start, end }: Range, { weights }: TreeRequest): number {
  if (!weights) return end - start;
  let weight = 0;
  for (let at = start; at < end; at++) weight += weights[order[at]];
  return weight;
}

/** Adds the items of a range to what is measured, and returns it. */
function addTo(sum: Measured, order: PrefixOrder, range: Range, request: TreeRequest): Measured {
  const { labels, selected } = request;
  for (let at = range.start; at < range.end; at++) {
    const item = order[at];
    if (selected.mask === null || selected.mask[item] === 1) sum.selected++;
    if (labels && labels.of[item] >= 0) sum.byKind[labels.of[item]]++;
  }
  sum.items += range.end - range.start;
  sum.weight += weightOf(order, range, request);
  return sum;
}
