/** A trainer of byte-level byte-pair encodings (Sennrich et al. 2016, section 3.2; on bytes as in Radford et al. 2019). */

/** How GPT-2's tokeniser cuts a text before it merges: the pattern that `ByteLevel` of the tokenizer.json format stands for. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The printable character that stands for each byte in a vocabulary: its own where it is printable, else one from 256 on. */
const byteCharacters: readonly string[] = (() => {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

export interface BpeVocabulary {
  /** Text of every id: special tokens, then the 256 bytes, then merges in the order in which they were learnt. */
  tokens: string[];
  merges: [string, string][];
}

/** A word of the training texts as the ids it is made of so far. */
interface Word {
  ids: number[];
  count: number;
}

const PAIR = 2 ** 26;

/** Candidates for the next merge, the most frequent first and the one of the smallest ids among equals. */
class PairHeap {
  readonly #counts: number[] = [];
  readonly #pairs: number[] = [];

  get size(): number {
    return this.#pairs.length;
  }

  push(count: number, pair: number): void {
    let at = this.#pairs.length;
    this.#counts.push(count);
    this.#pairs.push(pair);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): { count: number; pair: number } {
    const top = { count: this.#counts[0], pair: this.#pairs[0] };
    this.#swap(0, this.#pairs.length - 1);
    this.#counts.pop();
    this.#pairs.pop();
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#pairs.length && this.#before(child, first)) first = child;
      }
      if (first === at) return top;
      this.#swap(at, first);
      at = first;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = this.#counts[a] - this.#counts[b];
    return difference > 0 || (difference === 0 && this.#pairs[a] < this.#pairs[b]);
  }

  #swap(a: number, b: number): void {
    [this.#counts[a], this.#counts[b]] = [this.#counts[b], this.#counts[a]];
    [this.#pairs[a], this.#pairs[b]] = [this.#pairs[b], this.#pairs[a]];
  }
}

/** Distinct words of the texts with how often they occur, in the order of their first occurrence. */
function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/**
 * Learns a vocabulary of at most `size` tokens, special ones and bytes included. Pairs that occur once are not merged. The
 * result depends on the texts alone, not on their order: among equally frequent pairs the one of the smallest ids wins.
 */
export function trainBpe(texts: Iterable<string>, size: number, special: readonly string[]): BpeVocabulary {
  const tokens = [...special, ...byteCharacters];
  const idOf = new Map(tokens.map((text, id) => [text, id]));
  const merges: [string, string][] = [];
  const encoder = new TextEncoder();
  const words: Word[] = [...countWords(texts)].map(([text, count]) => ({
    ids: Array.from(encoder.encode(text), (byte) => special.length + byte),
    count,
  }));
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const change = (left: number, right: number, by: number, word: number) => {
    const pair = left * PAIR + right;
    counts.set(pair, (counts.get(pair) ?? 0) + by);
    if (by < 0) return;
    const known = places.get(pair);
    if (known) known.add(word);
    else places.set(pair, new Set([word]));
  };
  words.forEach(({ ids, count }, word) => {
    for (let i = 0; i + 1 < ids.length; i++) change(ids[i], ids[i + 1], count, word);
  });
  const heap = new PairHeap();
  for (const [pair, count] of counts) heap.push(count, pair);
  while (tokens.length < size && heap.size > 0) {
    const { count, pair } = heap.pop();
    const now = counts.get(pair) ?? 0;
    // Counts only shrink after a pair was pushed, or it was pushed again: an old entry is put back with what is left.
    if (count !== now) {
      if (now > 1 && count > now) heap.push(now, pair);
      continue;
    }
    if (count < 2) break;
    const [left, right] = [Math.floor(pair / PAIR), pair % PAIR];
    const text = tokens[left] + tokens[right];
    // Two ways of cutting one text are two merges into one token.
    const merged = idOf.get(text) ?? tokens.push(text) - 1;
    idOf.set(text, merged);
    merges.push([tokens[left], tokens[right]]);
    const grown = new Set<number>();
    for (const word of places.get(pair) ?? []) {
      const { ids, count: times } = words[word];
      const joined = joinPairs(ids, left, right, merged);
      if (joined.length === ids.length) continue;
      for (let i = 0; i + 1 < ids.length; i++) change(ids[i], ids[i + 1], -times, word);
      for (let i = 0; i + 1 < joined.length; i++) {
        change(joined[i], joined[i + 1], times, word);
        if (joined[i] === merged || joined[i + 1] === merged) grown.add(joined[i] * PAIR + joined[i + 1]);
      }
      words[word].ids = joined;
    }
    counts.delete(pair);
    places.delete(pair);
    for (const changed of grown) heap.push(counts.get(changed) ?? 0, changed);
  }
  return { tokens, merges };
}

/** The ids with every occurrence of left and right in a row, from the left, as one. */
function joinPairs(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const joined: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      joined.push(merged);
      i++;
    } else joined.push(ids[i]);
  }
  return joined;
}

/** The vocabulary in the tokenizer.json format of Hugging Face's tokenizers. */
export function tokenizerJson({ tokens, merges }: BpeVocabulary, special: readonly string[]): object {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({ id, content, ...flags })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => `${left} ${right}`),
    },
  };
}
