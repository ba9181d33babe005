/** The tree of prefixes, as an icicle and a sunburst show it. */
import type { CodeTable, Labels } from './code-table.ts';
import { forEachCode, type PrefixOrder, prefixRange, type Range } from './prefix-order.ts';
import type { Selection } from './selection.ts';
import { mostFrequent } from './strips.ts';

export interface TreeNode {
  /** Place of its parent in the list, -1 for the root; parents stand before their children. */
  parent: number;
  /** Length of its prefix. */
  depth: number;
  /** Last code of its prefix; -1 for the root of the whole tree, and for siblings that are too small to show apart. */
  code: number;
  /** How many prefixes it shows: 1, or as many as there are joined siblings. */
  prefixes: number;
  items: number;
  /** Size of its area, in items or interactions. */
  weight: number;
  /** Index of the commonest category among its items; -1 where none is known or siblings were joined. */
  dominant: number;
  purity: number;
}

/** A tree whose nodes know where their items stand in the order; null for joined siblings, which stand apart. */
export interface PrefixTree {
  nodes: TreeNode[];
  ranges: (Range | null)[];
}

export interface TreeRequest {
  /** The prefix that fills the picture. */
  root: readonly number[];
  /** [items] what each item weighs; null for 1. */
  weights: Int32Array | null;
  labels: Labels | null;
  /** Prefixes below this share of the root's weight are joined with their small siblings. */
  smallest: number;
}

/** Nodes from the root down; siblings from the heaviest to the lightest, the joined ones last. */
export function prefixTree(table: CodeTable, order: PrefixOrder, request: TreeRequest): PrefixTree {
  const { root } = request;
  const tree: PrefixTree = { nodes: [], ranges: [] };
  const add = (node: TreeNode, range: Range | null) => {
    tree.ranges.push(range);
    return tree.nodes.push(node) - 1;
  };
  const nodeOf = (parent: number, depth: number, code: number, range: Range, weight: number): TreeNode => {
    const { index, share } = kindsOf(order, range, request.labels);
    const items = range.end - range.start;
    return { parent, depth, code, prefixes: 1, items, weight, dominant: index, purity: share };
  };
  const range = prefixRange(table, order, root);
  const whole = weightOf(order, range, request);
  const least = request.smallest * whole;
  const descend = (parent: number, depth: number, within: Range): void => {
    if (depth === table.levels) return;
    const large: { code: number; range: Range; weight: number }[] = [];
    const joined = { prefixes: 0, items: 0, weight: 0 };
    forEachCode(table, order, within, depth, (code, part) => {
      const weight = weightOf(order, part, request);
      if (weight > 0 && weight >= least) large.push({ code, range: part, weight });
      else {
        joined.prefixes++;
        joined.items += part.end - part.start;
        joined.weight += weight;
      }
    });
    large.sort((a, b) => b.weight - a.weight || a.code - b.code);
    const places = large.map(({ code, range: part, weight }) =>
      add(nodeOf(parent, depth + 1, code, part, weight), part),
    );
    if (joined.prefixes > 0) {
      add({ parent, depth: depth + 1, code: -1, ...joined, dominant: -1, purity: 0 }, null);
    }
    for (const [at, { range: part }] of large.entries()) descend(places[at], depth + 1, part);
  };
  const top = add(nodeOf(-1, root.length, root.at(-1) ?? -1, range, whole), range);
  descend(top, root.length, range);
  return tree;
}

function weightOf(order: PrefixOrder, { start, end }: Range, { weights }: TreeRequest): number {
  if (!weights) return end - start;
  let weight = 0;
  for (let at = start; at < end; at++) weight += weights[order[at]];
  return weight;
}

function kindsOf(order: PrefixOrder, { start, end }: Range, labels: Labels | null) {
  const byKind = new Int32Array(labels?.names.length ?? 0);
  if (labels) {
    const { of } = labels;
    for (let at = start; at < end; at++) {
      const kind = of[order[at]];
      if (kind >= 0) byKind[kind]++;
    }
  }
  return mostFrequent(byKind);
}

/** Selected items of each node of a tree: [nodes]. */
export function selectedInTree(
  { nodes, ranges }: PrefixTree,
  order: PrefixOrder,
  { mask }: Selection,
): number[] {
  if (mask === null) return nodes.map(({ items }) => items);
  const root = ranges[0] ?? { start: 0, end: 0 };
  const before = new Int32Array(root.end - root.start + 1);
  for (let at = root.start; at < root.end; at++) {
    before[at - root.start + 1] = before[at - root.start] + mask[order[at]];
  }
  const counts: number[] = [];
  /** Items of a node that none of its children so far has. */
  const left: number[] = [];
  for (const [at, { parent }] of nodes.entries()) {
    const range = ranges[at];
    // Joined siblings come last: they have what is left.
    const count = range ? before[range.end - root.start] - before[range.start - root.start] : left[parent];
    counts.push(count);
    left.push(count);
    if (parent >= 0) left[parent] -= count;
  }
  return counts;
}
