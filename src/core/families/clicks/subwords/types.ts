/**
 * Sub-words of Semantic IDs (Singh et al. 2024): the code sequence of an item is a text of one character a code, and a
 * sub-word model cuts it into pieces, each a row of an embedding table.
 */
import { UserError } from '../../../errors.ts';
import { withCommas } from '../../../names.ts';
import type { SemanticIds } from '../../../semantic-ids/types.ts';

/** A text, how often it counts, and its length in code units is the number of codes. */
export interface WeightedText {
  text: string;
  weight: number;
}

export interface SubwordModel {
  /** Every piece; its index is its row. */
  readonly pieces: readonly string[];
  /** Indices of the pieces of a text, in order. Characters that no piece has are left out. */
  segment(text: string): number[];
}

/** First of the characters that stand for codes: Unicode's private use area and on, as far as the codes need. */
const FIRST_CHARACTER = 0xe000;
const CHARACTERS = 0x10000;

/**
 * The character of code c on level l is that of the place l's codes begin at, plus c. Throws UserError for more codes than
 * there are characters.
 */
export function textOf(ids: SemanticIds, item: number): string {
  const codes = ids.codes.subarray(item * ids.levels, (item + 1) * ids.levels);
  if (codes[0] < 0) return '';
  const all = ids.codebookSizes.reduce((sum, size) => sum + size, 0);
  if (all > CHARACTERS) {
    throw new UserError(
      `sub-words tell ${withCommas(CHARACTERS)} codes apart, and the IDs have ${withCommas(all)} on all levels: name a tokeniser with fewer`,
    );
  }
  let [text, start] = ['', 0];
  for (let level = 0; level < ids.levels; level++) {
    text += String.fromCharCode((FIRST_CHARACTER + start + codes[level]) % CHARACTERS);
    start += ids.codebookSizes[level];
  }
  return text;
}

/** Different texts with their weights added, in order of first appearance; texts without weight or codes are left out. */
export function weighted(texts: Iterable<WeightedText>): WeightedText[] {
  const sums = new Map<string, number>();
  for (const { text, weight } of texts) {
    if (text !== '' && weight > 0) sums.set(text, (sums.get(text) ?? 0) + weight);
  }
  return [...sums].map(([text, weight]) => ({ text, weight }));
}

/** Every character of the texts, by weight and then by code point. */
export function alphabet(texts: readonly WeightedText[]): string[] {
  const sums = new Map<string, number>();
  for (const { text, weight } of texts) {
    for (const character of characters(text)) sums.set(character, (sums.get(character) ?? 0) + weight);
  }
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([character]) => character);
}

/** Code units of a text: codes are single ones, whatever they would mean in Unicode. */
export function characters(text: string): string[] {
  return text.split('');
}
