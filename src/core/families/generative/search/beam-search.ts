/** Beam search over the tokens of Semantic IDs, on the host: the device gives logits, a level at a time. */
import type { Random } from '../../../math/random.ts';
import type { PrefixTrie } from '../../../semantic-ids/trie.ts';
import type { BeamLevel, BeamResult, Continuations, EndedSequence } from '../../traced-decoding.ts';
import { perturbContinuations, type Sampling } from './stochastic-beams.ts';

/** Logits of one level for every beam: [rows * beams, count], of the tokens first .. first + count - 1. */
export interface LevelLogits {
  logits: Float32Array;
  first: number;
  count: number;
}

/**
 * Computes a level. tokens int32 [rows * beams]: the last token of every beam, 0 at level 0, where a row has one beam.
 * parents int32 [rows * beams]: the beam of the level before that each continues, counted over all rows.
 */
export type LevelStep = (level: number, tokens: Int32Array, parents: Int32Array) => Promise<LevelLogits>;

/** Sequences that are drawn with repeats. */
export interface Draws {
  /** Logits are divided by it. */
  temperature: number;
  /** Uniform numbers of one drawn sequence, a number for each level. */
  noise(row: number, place: number): Pick<Random, 'uniform'>;
}

export interface BeamOptions {
  rows: number;
  levels: number;
  /** Sequences kept of a row. */
  width: number;
  /**
   * renormalised: only prefixes of the trie, probabilities over the codes that continue them; masked: the same
   * prefixes, probabilities over all tokens; free: any token.
   */
  mode: 'renormalised' | 'masked' | 'free';
  /** The catalogue's IDs as tokens; without it no sequence counts as an item's ID. */
  trie?: PrefixTrie;
  /** Whether a whole ID may be given out to a row: the history filter. `node` is of the last depth. */
  allows?(row: number, node: number): boolean;
  /** The tokens that each row's sequences must have, for the probability of a known ID; not in free mode. */
  forced?: readonly ArrayLike<number>[];
  /** Draws the sequences without repeats in place of keeping the most probable ones; not in free mode. */
  sample?: Sampling;
  /** Draws the sequences with repeats, in their order (`findIds`). */
  draws?: Draws;
  /** A token that ends a sequence early; the best ones are then chosen by log-probability per token. Free mode only. */
  endToken?: number;
  /** Told of every level before it is searched: its logits, and the beams that they follow. Not of sequences that are drawn with repeats. */
  observe?(level: number, given: LevelLogits, beams: Pick<BeamLevel, 'nodes' | 'scores'>): void;
}

/** A sequence that may be kept. */
interface Candidate {
  key: number;
  score: number;
  tempered: number;
  beam: number;
  token: number;
  node: number;
}

/** The best candidates so far of one row, by falling key; of equal ones the first stays in front. */
class Best {
  readonly keys: Float64Array;
  readonly scores: Float64Array;
  readonly tempered: Float64Array;
  readonly beams: Int32Array;
  readonly tokens: Int32Array;
  readonly nodes: Int32Array;
  size = 0;

  constructor(capacity: number) {
    this.keys = new Float64Array(capacity);
    this.scores = new Float64Array(capacity);
    this.tempered = new Float64Array(capacity);
    this.beams = new Int32Array(capacity);
    this.tokens = new Int32Array(capacity);
    this.nodes = new Int32Array(capacity);
  }

  /** Whether a key would be kept. */
  takes(key: number): boolean {
    return this.size < this.keys.length || key > this.keys[this.size - 1];
  }

  add({ key, score, tempered, beam, token, node }: Candidate): void {
    if (!this.takes(key)) return;
    let at = this.size < this.keys.length ? this.size++ : this.size - 1;
    for (; at > 0 && this.keys[at - 1] < key; at--) this.#move(at - 1, at);
    this.keys[at] = key;
    this.scores[at] = score;
    this.tempered[at] = tempered;
    this.beams[at] = beam;
    this.tokens[at] = token;
    this.nodes[at] = node;
  }

  at(i: number): Candidate {
    const { keys, scores, tempered, beams, tokens, nodes } = this;
    const sums = { key: keys[i], score: scores[i], tempered: tempered[i] };
    return { ...sums, beam: beams[i], token: tokens[i], node: nodes[i] };
  }

  replace(other: Best): void {
    this.size = 0;
    for (let i = 0; i < other.size; i++) this.add(other.at(i));
  }

  /** The same by falling score. */
  byScore(): Best {
    const sorted = new Best(this.size);
    for (let i = 0; i < this.size; i++) sorted.add({ ...this.at(i), key: this.scores[i] });
    return sorted;
  }

  #move(from: number, to: number): void {
    this.keys[to] = this.keys[from];
    this.scores[to] = this.scores[from];
    this.tempered[to] = this.tempered[from];
    this.beams[to] = this.beams[from];
    this.tokens[to] = this.tokens[from];
    this.nodes[to] = this.nodes[from];
  }
}

/** log sum exp of entries start .. end - 1, each divided by `temperature`. */
function logSum(logits: Float32Array, start: number, end: number, temperature = 1): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) if (logits[i] > most) most = logits[i];
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp((logits[i] - most) / temperature);
  return most / temperature + Math.log(sum);
}

/** The same over the tokens that continue a node; the logit of token t is logits[at + t]. */
function logSumOfChildren(
  logits: Float32Array,
  at: number,
  trie: PrefixTrie,
  depth: number,
  node: number,
  temperature: number,
): number {
  const [from, to] = [trie.firstChild(depth, node), trie.endChild(depth, node)];
  let most = Number.NEGATIVE_INFINITY;
  for (let child = from; child < to; child++) {
    most = Math.max(most, logits[at + trie.symbol(depth + 1, child)]);
  }
  let sum = 0;
  for (let child = from; child < to; child++) {
    sum += Math.exp((logits[at + trie.symbol(depth + 1, child)] - most) / temperature);
  }
  return most / temperature + Math.log(sum);
}

/** What may follow a prefix of the trie. */
export function continuationsOf(
  trie: PrefixTrie,
  level: number,
  node: number,
  { logits, first, count }: LevelLogits,
  beam: number,
): Continuations {
  const at = beam * count - first;
  const total = logSumOfChildren(logits, at, trie, level, node, 1);
  const children = Array.from(
    { length: trie.endChild(level, node) - trie.firstChild(level, node) },
    (_, child) => trie.symbol(level + 1, trie.firstChild(level, node) + child),
  );
  return {
    codes: children.map((token) => token - first),
    probabilities: children.map((token) => Math.exp(logits[at + token] - total)),
    leftOut: Math.max(0, 1 - Math.exp(total - logSum(logits, beam * count, (beam + 1) * count))),
  };
}

/** The `width` most probable sequences of every row, found level by level. */
export async function beamSearch(options: BeamOptions, step: LevelStep): Promise<BeamResult> {
  const { rows, levels, width, endToken } = options;
  const found: BeamLevel[] = [];
  const endings = endToken === undefined ? null : Array.from({ length: rows }, () => new Endings(width));
  let beams: BeamLevel = {
    tokens: new Int32Array(rows),
    parents: Int32Array.from({ length: rows }, (_, row) => row),
    scores: new Float64Array(rows),
    tempered: new Float64Array(rows),
    keys: new Float64Array(rows),
    nodes: new Int32Array(rows),
  };
  for (let level = 0; level < levels; level++) {
    const given = await step(level, beams.tokens, beams.parents);
    options.observe?.(level, given, beams);
    const next = emptyLevel(rows, width);
    const perRow = level === 0 ? 1 : width;
    for (let row = 0; row < rows; row++) {
      const best = new Best(endings ? 2 * width : width);
      for (let beam = row * perRow; beam < (row + 1) * perRow; beam++) {
        if (beams.scores[beam] > Number.NEGATIVE_INFINITY) {
          if (options.mode === 'free') expandFreely(best, beam, level, beams, given, options);
          else expandInTrie(best, beam, row, level, beams, given, options);
        }
      }
      endings?.[row].take(best, level, found, endToken as number);
      const last = level + 1 === levels;
      writeRow(next, row, width, options.sample && last ? best.byScore() : best, row * perRow);
    }
    found.push(next);
    beams = next;
  }
  return { levels: found, ended: endings?.map((row, i) => row.finish(found, i)) ?? [] };
}

function emptyLevel(rows: number, width: number): BeamLevel {
  const size = rows * width;
  return {
    tokens: new Int32Array(size),
    parents: new Int32Array(size),
    scores: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    tempered: new Float64Array(size),
    keys: new Float64Array(size),
    nodes: new Int32Array(size).fill(-1),
  };
}

function expandFreely(
  best: Best,
  beam: number,
  level: number,
  { scores, nodes }: BeamLevel,
  { logits, first, count }: LevelLogits,
  { trie }: BeamOptions,
): void {
  const at = beam * count;
  const shift = scores[beam] - logSum(logits, at, at + count);
  for (let i = 0; i < count; i++) {
    const score = shift + logits[at + i];
    if (!best.takes(score)) continue;
    const known = trie !== undefined && nodes[beam] >= 0;
    const node = known ? trie.child(level, nodes[beam], first + i) : -1;
    best.add({ key: score, score, tempered: score, beam, token: first + i, node });
  }
}

function expandInTrie(
  best: Best,
  beam: number,
  row: number,
  level: number,
  { scores, tempered, keys, nodes }: BeamLevel,
  given: LevelLogits,
  { mode, trie, levels, allows, forced, sample }: BeamOptions,
): void {
  if (!trie) return;
  const node = nodes[beam];
  const { logits, first, count } = given;
  const at = beam * count - first;
  /** Summed log-probability of a child at a temperature, from that of its prefix. */
  const summed = (prefix: number, temperature: number) => {
    const total =
      mode === 'masked'
        ? logSum(logits, beam * count, (beam + 1) * count, temperature)
        : logSumOfChildren(logits, at, trie, level, node, temperature);
    return (child: number) => prefix - total + logits[at + trie.symbol(level + 1, child)] / temperature;
  };
  const scoreOf = summed(scores[beam], 1);
  const temperedOf = sample ? summed(tempered[beam], sample.temperature) : scoreOf;
  const [from, end] = [trie.firstChild(level, node), trie.endChild(level, node)];
  const drawn =
    sample &&
    perturbContinuations(keys[beam], end - from, (i) => temperedOf(from + i), sample.noise(row, level, node));
  const filtered = level + 1 === levels ? allows : undefined;
  for (let child = from; child < end; child++) {
    const token = trie.symbol(level + 1, child);
    if (forced && token !== forced[row][level]) continue;
    const score = scoreOf(child);
    const key = drawn ? drawn[child - from] : score;
    if (!best.takes(key) || filtered?.(row, child) === false) continue;
    best.add({ key, score, tempered: temperedOf(child), beam, token, node: child });
  }
}

/** Places without a beam continue beam `idle`, to no effect. */
function writeRow(next: BeamLevel, row: number, width: number, best: Best, idle: number): void {
  const at = row * width;
  const kept = Math.min(width, best.size);
  next.parents.fill(idle, at, at + width);
  next.parents.set(best.beams.subarray(0, kept), at);
  next.tokens.set(best.tokens.subarray(0, kept), at);
  next.scores.set(best.scores.subarray(0, kept), at);
  next.tempered.set(best.tempered.subarray(0, kept), at);
  next.keys.set(best.keys.subarray(0, kept), at);
  next.nodes.set(best.nodes.subarray(0, kept), at);
}

/** The tokens of one beam of the last of these levels. */
export function tokensOf(levels: readonly BeamLevel[], beam: number): number[] {
  const tokens: number[] = [];
  for (let level = levels.length - 1, at = beam; level >= 0; level--) {
    tokens.unshift(levels[level].tokens[at]);
    at = levels[level].parents[at];
  }
  return tokens;
}

/** Sequences of one row that the end token closed, as the beam search of Hugging Face keeps them (length penalty 1). */
class Endings {
  readonly #width: number;
  readonly #ended: EndedSequence[] = [];
  #done = false;

  constructor(width: number) {
    this.#width = width;
  }

  /** Moves what the end token closes out of `best`; only candidates among the first `width` count. */
  take(best: Best, level: number, found: readonly BeamLevel[], endToken: number): void {
    const highest = best.size > 0 ? best.scores[0] : Number.NEGATIVE_INFINITY;
    const open = new Best(best.size);
    for (let i = 0; i < best.size && !this.#done; i++) {
      if (best.tokens[i] !== endToken) open.add(best.at(i));
      else if (i < this.#width) this.#end([...tokensOf(found, best.beams[i]), endToken], best.scores[i]);
    }
    best.replace(open);
    const full = this.#ended.length >= this.#width;
    if (full && this.#ended[this.#width - 1].score >= highest / (level + 1)) this.#done = true;
  }

  #end(tokens: number[], sum: number): void {
    this.#ended.push({ tokens, sum, score: sum / tokens.length });
    this.#ended.sort((a, b) => b.score - a.score);
    this.#ended.splice(this.#width);
  }

  /** With the sequences still open after the last level. */
  finish(found: readonly BeamLevel[], row: number): EndedSequence[] {
    const { scores } = found[found.length - 1];
    for (let beam = row * this.#width; beam < (row + 1) * this.#width && !this.#done; beam++) {
      if (scores[beam] > Number.NEGATIVE_INFINITY) this.#end(tokensOf(found, beam), scores[beam]);
    }
    return this.#ended;
  }
}
