/** The way from the first code of a decoding to one of the IDs that it kept, a level at a time. */
import type { BeamNode, BeamTree, Continuations, DecodingTrie } from '../../../core/api/beam-tree.ts';

/** The codes from the start to a node. */
export function prefixOfNode({ nodes }: Pick<BeamTree, 'nodes'>, at: number): number[] {
  const { parent, code } = nodes[at];
  return parent === null ? [code] : [...prefixOfNode({ nodes }, parent), code];
}

export function percentText(probability: number): string {
  const percent = 100 * probability;
  if (percent === 0) return '0 %';
  return percent < 0.01 ? '< 0.01 %' : `${Number(percent.toPrecision(percent < 99 ? 2 : 3))} %`;
}

/** Places among the nodes, one a level, to the node and on along the beams that stand first behind it. */
export function pathThrough({ nodes }: Pick<DecodingTrie, 'nodes'>, node: number): number[] {
  const path = [node];
  for (let parent = nodes[node].parent; parent !== null; parent = nodes[parent].parent) path.unshift(parent);
  for (let at: number | null = node; at !== null; ) {
    at = firstOf(nodes, at);
    if (at !== null) path.push(at);
  }
  return path;
}

function firstOf(nodes: readonly BeamNode[], parent: number): number | null {
  let first: number | null = null;
  for (const [at, { parent: own, place }] of nodes.entries()) {
    if (own !== parent || place === null) continue;
    if (first === null || place < (nodes[first].place ?? Number.POSITIVE_INFINITY)) first = at;
  }
  return first;
}

/** The IDs that were kept, most probable first, as places among the nodes. */
export function leavesOf({ nodes, levels }: DecodingTrie): number[] {
  const leaves = [...nodes.keys()].filter((at) => nodes[at].level === levels && nodes[at].place !== null);
  return leaves.sort((a, b) => (nodes[a].place ?? 0) - (nodes[b].place ?? 0));
}

/** The ID that is shown first: that of the target where it was kept, else the most probable one. */
export function firstLeaf(trie: DecodingTrie): number | null {
  const leaves = leavesOf(trie);
  return leaves.find((at) => trie.nodes[at].onTargetPath) ?? leaves[0] ?? null;
}

/** What may follow the path before a level, counted from 0. */
export function followingAt(
  trie: DecodingTrie,
  path: readonly number[],
  level: number,
): Continuations | null {
  return level === 0 ? trie.first : (trie.after[path[level - 1]] ?? null);
}

/** The beams of a level, counted from 0, that go on along the path; of the first all. */
export function beamsAt({ nodes }: DecodingTrie, path: readonly number[], level: number): number[] {
  const parent = level === 0 ? null : path[level - 1];
  return [...nodes.keys()].filter((at) => {
    const node = nodes[at];
    return node.level === level + 1 && node.place !== null && node.parent === parent;
  });
}
