import { alphabet, characters, type SubwordModel, type WeightedText } from './types.ts';

/** Pieces kept in each round of pruning, and rounds of expectation maximisation between two (as in SentencePiece). */
const KEPT_SHARE = 0.75;
const ROUNDS = 2;
/** Least expected uses of a piece of several characters. */
const MIN_USES = 0.5;
/** Probability of a character that the training has all but emptied: it must stay usable. */
const FLOOR = 1e-12;

/** A piece and the natural logarithm of its probability. */
export type LogProbabilities = ReadonlyMap<string, number>;

/**
 * Unigram language model over code sequences (Kudo 2018): begins with every part of every text, finds the pieces'
 * probabilities by expectation maximisation, and drops those whose loss costs the likelihood least, until `size` pieces
 * are left; single characters always stay. Texts are cut at their likeliest segmentation.
 */
export function trainUnigram(texts: readonly WeightedText[], size: number): SubwordModel {
  const single = new Set(alphabet(texts));
  let model = normalised(partWeights(texts));
  const target = Math.max(size, single.size);
  for (;;) {
    for (let round = 0; round < ROUNDS; round++) model = expectationMaximisation(model, texts);
    if (model.size <= target) break;
    model = pruned(model, texts, Math.max(target, Math.floor(model.size * KEPT_SHARE)));
  }
  const pieces = [...model.keys()].sort(
    (a, b) => (model.get(b) as number) - (model.get(a) as number) || (a < b ? -1 : 1),
  );
  const rows = new Map(pieces.map((piece, row) => [piece, row]));
  return {
    pieces,
    segment: (text) => {
      const known = characters(text).filter((character) => single.has(character));
      return viterbi(model, known.join('')).pieces.map((piece) => rows.get(piece) as number);
    },
  };
}

/** Weight of every part of the texts. */
function partWeights(texts: readonly WeightedText[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { text, weight } of texts) {
    for (let start = 0; start < text.length; start++) {
      for (let end = start + 1; end <= text.length; end++) {
        const part = text.slice(start, end);
        weights.set(part, (weights.get(part) ?? 0) + weight);
      }
    }
  }
  return weights;
}

function normalised(weights: ReadonlyMap<string, number>): Map<string, number> {
  let total = 0;
  for (const weight of weights.values()) total += weight;
  return new Map([...weights].map(([piece, weight]) => [piece, Math.log(Math.max(FLOOR, weight / total))]));
}

/** One round: expected uses of the pieces under the model, which become the next probabilities. */
export function expectationMaximisation(
  model: LogProbabilities,
  texts: readonly WeightedText[],
): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { text, weight } of texts) {
    const [forward, backward] = [prefixSums(model, text), suffixSums(model, text)];
    const whole = forward[text.length];
    eachPiece(model, text, (piece, start, end, logProbability) => {
      const share = Math.exp(forward[start] + logProbability + backward[end] - whole);
      uses.set(piece, (uses.get(piece) ?? 0) + weight * share);
    });
  }
  for (const [piece, count] of uses) if (piece.length > 1 && count < MIN_USES) uses.delete(piece);
  return normalised(uses);
}

/** Calls for every place where a piece stands in the text, by growing end. */
function eachPiece(
  model: LogProbabilities,
  text: string,
  visit: (piece: string, start: number, end: number, logProbability: number) => void,
): void {
  for (let end = 1; end <= text.length; end++) {
    for (let start = 0; start < end; start++) {
      const piece = text.slice(start, end);
      const logProbability = model.get(piece);
      if (logProbability !== undefined) visit(piece, start, end, logProbability);
    }
  }
}

/** Log-probability of every prefix, summed over its segmentations. */
function prefixSums(model: LogProbabilities, text: string): number[] {
  const sums = [0, ...new Array<number>(text.length).fill(Number.NEGATIVE_INFINITY)];
  eachPiece(model, text, (_, start, end, logProbability) => {
    sums[end] = logAdd(sums[end], sums[start] + logProbability);
  });
  return sums;
}

function suffixSums(model: LogProbabilities, text: string): number[] {
  const sums = [...new Array<number>(text.length).fill(Number.NEGATIVE_INFINITY), 0];
  for (let start = text.length - 1; start >= 0; start--) {
    for (let end = start + 1; end <= text.length; end++) {
      const logProbability = model.get(text.slice(start, end));
      if (logProbability !== undefined) sums[start] = logAdd(sums[start], sums[end] + logProbability);
    }
  }
  return sums;
}

function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
}

/** The likeliest segmentation of a text and its log-probability; of equally likely ones that with the longer last piece. */
export function viterbi(
  model: LogProbabilities,
  text: string,
  without?: string,
): { pieces: string[]; logProbability: number } {
  const best = [0, ...new Array<number>(text.length).fill(Number.NEGATIVE_INFINITY)];
  const starts = new Int32Array(text.length + 1).fill(-1);
  eachPiece(model, text, (piece, start, end, logProbability) => {
    const total = best[start] + logProbability;
    if (piece === without || !(total > best[end])) return;
    best[end] = total;
    starts[end] = start;
  });
  const pieces: string[] = [];
  for (let end = text.length; end > 0 && starts[end] >= 0; end = starts[end]) {
    pieces.unshift(text.slice(starts[end], end));
  }
  return { pieces, logProbability: best[text.length] };
}

/**
 * Keeps `count` pieces: all single characters, and those others whose removal costs most. Removal of a piece costs the number
 * of its uses in the likeliest segmentations, times the log-probability lost when it is segmented into other pieces.
 */
function pruned(model: LogProbabilities, texts: readonly WeightedText[], count: number): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { text, weight } of texts) {
    for (const piece of viterbi(model, text).pieces) uses.set(piece, (uses.get(piece) ?? 0) + weight);
  }
  const costs: { piece: string; logProbability: number; cost: number }[] = [];
  const kept = new Map<string, number>();
  for (const [piece, logProbability] of model) {
    if (piece.length === 1) kept.set(piece, logProbability);
    else {
      const without = viterbi(model, piece, piece).logProbability;
      costs.push({ piece, logProbability, cost: (uses.get(piece) ?? 0) * (logProbability - without) });
    }
  }
  costs.sort((a, b) => b.cost - a.cost || (a.piece < b.piece ? -1 : 1));
  for (const { piece, logProbability } of costs.slice(0, Math.max(0, count - kept.size))) {
    kept.set(piece, logProbability);
  }
  return kept;
}
