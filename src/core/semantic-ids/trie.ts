/**
 * A prefix tree over tuples of equal length, in typed arrays: the nodes of a depth stand in lexicographic order, so that
 * the children of a node, and the tuples under it, are ranges.
 */
export class PrefixTrie {
  readonly levels: number;
  /** Number of tuples. */
  readonly size: number;
  /** Indices of the tuples in lexicographic order, equal ones by index. */
  readonly order: Int32Array;
  /** By depth 1 .. levels: the symbol of each node. */
  readonly #symbols: Int32Array[];
  /** By depth 0 .. levels - 1: first child of each node, and one more entry for the end. */
  readonly #firstChild: Int32Array[];
  /** By depth 0 .. levels: first tuple of each node in `order`, and one more entry for the end. */
  readonly #firstTuple: Int32Array[];

  /** tuples: whole numbers from 0 on, [size, levels]. */
  constructor(tuples: Int32Array, levels: number) {
    this.levels = levels;
    this.size = tuples.length / levels;
    this.order = lexicographic(tuples, levels, this.size);
    this.#symbols = [];
    this.#firstChild = [];
    this.#firstTuple = [Int32Array.of(0, this.size)];
    for (let level = 0; level < levels; level++) this.#grow(tuples, level);
  }

  /** Adds the nodes of the next depth: tuples of one node that go on with equal symbols share a node. */
  #grow(tuples: Int32Array, level: number): void {
    const parents = this.#firstTuple[level];
    const symbols = new Int32Array(this.size);
    const firstTuple = new Int32Array(this.size + 1);
    const firstChild = new Int32Array(parents.length);
    let nodes = 0;
    for (let parent = 0; parent + 1 < parents.length; parent++) {
      firstChild[parent] = nodes;
      let last = -1;
      for (let at = parents[parent]; at < parents[parent + 1]; at++) {
        const symbol = tuples[this.order[at] * this.levels + level];
        if (symbol === last) continue;
        last = symbol;
        symbols[nodes] = symbol;
        firstTuple[nodes++] = at;
      }
    }
    firstChild[parents.length - 1] = nodes;
    firstTuple[nodes] = this.size;
    this.#firstChild.push(firstChild);
    this.#symbols.push(symbols.slice(0, nodes));
    this.#firstTuple.push(firstTuple.slice(0, nodes + 1));
  }

  /** Nodes of a depth; the root alone at depth 0. */
  nodes(depth: number): number {
    return this.#firstTuple[depth].length - 1;
  }

  /** Children of a node of this depth are the nodes firstChild .. endChild - 1 of the next depth. */
  firstChild(depth: number, node: number): number {
    return this.#firstChild[depth][node];
  }

  endChild(depth: number, node: number): number {
    return this.#firstChild[depth][node + 1];
  }

  /** The last symbol of the prefix that a node of depth 1 or more stands for. */
  symbol(depth: number, node: number): number {
    return this.#symbols[depth - 1][node];
  }

  /** Indices of the tuples under a node, ascending where they are equal. */
  tuples(depth: number, node: number): Int32Array {
    const starts = this.#firstTuple[depth];
    return this.order.subarray(starts[node], starts[node + 1]);
  }

  /** The child of a node with this symbol, or -1. */
  child(depth: number, node: number, symbol: number): number {
    const symbols = this.#symbols[depth];
    let low = this.firstChild(depth, node);
    let high = this.endChild(depth, node) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (symbols[middle] === symbol) return middle;
      if (symbols[middle] < symbol) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** The node of a prefix, at the depth of its length, or -1. */
  find(prefix: ArrayLike<number>): number {
    let node = 0;
    for (let depth = 0; depth < prefix.length && node >= 0; depth++) {
      node = this.child(depth, node, prefix[depth]);
    }
    return node;
  }
}

/** Counting sorts from the last level to the first, each stable. */
function lexicographic(tuples: Int32Array, levels: number, size: number): Int32Array {
  let order = Int32Array.from({ length: size }, (_, i) => i);
  for (let level = levels - 1; level >= 0; level--) {
    let most = 0;
    for (let at = level; at < tuples.length; at += levels) most = Math.max(most, tuples[at]);
    const starts = new Int32Array(most + 2);
    for (let at = level; at < tuples.length; at += levels) starts[tuples[at] + 1]++;
    for (let symbol = 0; symbol <= most; symbol++) starts[symbol + 1] += starts[symbol];
    const next = new Int32Array(size);
    for (const tuple of order) next[starts[tuples[tuple * levels + level]]++] = tuple;
    order = next;
  }
  return order;
}
