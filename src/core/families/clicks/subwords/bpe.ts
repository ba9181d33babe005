import { joinPairs, mergePairs } from '../../../math/pair-merges.ts';
import { alphabet, characters, type SubwordModel, type WeightedText } from './types.ts';

/**
 * Byte-pair encoding (Sennrich et al. 2016) of code sequences: the pair of neighbouring pieces with the most weight becomes
 * a piece, until there are `size` pieces (never fewer than characters) or no pair is left. Of equal pairs the one whose
 * pieces are older wins. Weights are whole numbers.
 */
export function trainBpe(texts: readonly WeightedText[], size: number): SubwordModel {
  const pieces = alphabet(texts);
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const words = texts.map(({ text, weight }) => ({
    count: weight,
    ids: characters(text).map((character) => ids.get(character) as number),
  }));
  /** Rank of the merge of two pieces, and the piece it makes. */
  const merges = new Map<string, { rank: number; piece: number }>();
  mergePairs(words, 1, (left, right) => {
    if (pieces.length >= size) return null;
    const made = pieces[left] + pieces[right];
    const piece = ids.get(made) ?? pieces.push(made) - 1;
    ids.set(made, piece);
    merges.set(`${left} ${right}`, { rank: merges.size, piece });
    return piece;
  });
  return { pieces, segment: (text) => segment(text, ids, merges) };
}

/** Merges in the order in which they were learnt. */
function segment(
  text: string,
  ids: ReadonlyMap<string, number>,
  merges: ReadonlyMap<string, { rank: number; piece: number }>,
): number[] {
  let parts = characters(text).flatMap((character) => ids.get(character) ?? []);
  for (;;) {
    let next: { rank: number; piece: number; left: number; right: number } | null = null;
    for (let at = 0; at + 1 < parts.length; at++) {
      const merge = merges.get(`${parts[at]} ${parts[at + 1]}`);
      if (merge && (!next || merge.rank < next.rank))
        next = { ...merge, left: parts[at], right: parts[at + 1] };
    }
    if (!next) return parts;
    parts = joinPairs(parts, next.left, next.right, next.piece);
  }
}
