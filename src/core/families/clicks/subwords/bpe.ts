import { alphabet, characters, type SubwordModel, type WeightedText } from './types.ts';

/**
 * Byte-pair encoding (Sennrich et al. 2016) of code sequences: the pair of neighbouring pieces with the most weight becomes
 * a piece, until there are `size` pieces (never fewer than characters) or no pair is left. Of equal pairs the one whose
 * pieces are older wins.
 */
export function trainBpe(texts: readonly WeightedText[], size: number): SubwordModel {
  const pieces = alphabet(texts);
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const words = texts.map(({ text, weight }) => ({
    weight,
    parts: characters(text).map((character) => ids.get(character) as number),
  }));
  /** Rank of the merge of two pieces, and the piece it makes. */
  const merges = new Map<string, { rank: number; piece: number }>();
  while (pieces.length < size) {
    const best = heaviestPair(words);
    if (!best) break;
    const [left, right] = best;
    const made = pieces[left] + pieces[right];
    const piece = ids.get(made) ?? pieces.push(made) - 1;
    ids.set(made, piece);
    merges.set(`${left} ${right}`, { rank: merges.size, piece });
    for (const word of words) word.parts = merged(word.parts, left, right, piece);
  }
  return { pieces, segment: (text) => segment(text, ids, merges) };
}

function heaviestPair(words: readonly { weight: number; parts: number[] }[]): [number, number] | null {
  const weights = new Map<string, { pair: [number, number]; weight: number }>();
  for (const { parts, weight } of words) {
    for (let at = 0; at + 1 < parts.length; at++) {
      const key = `${parts[at]} ${parts[at + 1]}`;
      const known = weights.get(key);
      if (known) known.weight += weight;
      else weights.set(key, { pair: [parts[at], parts[at + 1]], weight });
    }
  }
  let best: { pair: [number, number]; weight: number } | null = null;
  for (const one of weights.values()) {
    if (!best || one.weight > best.weight || (one.weight === best.weight && older(one.pair, best.pair)))
      best = one;
  }
  return best?.pair ?? null;
}

function older([a, b]: [number, number], [c, d]: [number, number]): boolean {
  return a < c || (a === c && b < d);
}

function merged(parts: number[], left: number, right: number, piece: number): number[] {
  const result: number[] = [];
  for (let at = 0; at < parts.length; at++) {
    const joins = parts[at] === left && parts[at + 1] === right;
    result.push(joins ? piece : parts[at]);
    if (joins) at++;
  }
  return result;
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
    parts = merged(parts, next.left, next.right, next.piece);
  }
}
