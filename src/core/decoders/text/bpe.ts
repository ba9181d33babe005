/** A trainer of byte-level byte-pair encodings (Sennrich et al. 2016, section 3.2; on bytes as in Radford et al. 2019). */

import { mergePairs } from '../../math/pair-merges.ts';

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
  const words = [...countWords(texts)].map(([text, count]) => ({
    ids: Array.from(encoder.encode(text), (byte) => special.length + byte),
    count,
  }));
  mergePairs(words, 2, (left, right) => {
    if (tokens.length >= size) return null;
    const text = tokens[left] + tokens[right];
    // Two ways of cutting one text are two merges into one token.
    const merged = idOf.get(text) ?? tokens.push(text) - 1;
    idOf.set(text, merged);
    merges.push([tokens[left], tokens[right]]);
    return merged;
  });
  return { tokens, merges };
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
