/** Semantic IDs of a made-up catalogue, coarse to fine as a good tokeniser would give them, with vectors to match. */
import { Random } from '../../src/core/math/random.ts';
import { collisionTokens, type ItemMatrix, type SemanticIds } from '../../src/core/semantic-ids/types.ts';

export interface MadeCatalogue {
  ids: SemanticIds;
  /** One a level, [codes, dim]. */
  codebooks: Float32Array[];
  vectors: ItemMatrix;
  /** [items] the kind of each item, which its first code mostly follows. */
  kinds: Int32Array;
}

export interface MadeOptions {
  items: number;
  levels?: number;
  codes?: number;
  dim?: number;
  kinds?: number;
  /** Share of the codes of each level that no item has. */
  dead?: number;
  /** Share of the items without an ID. */
  without?: number;
  seed?: number;
}

const KIND_NOISE = 0.08;

export function madeCatalogue(options: MadeOptions): MadeCatalogue {
  const { items, levels = 3, codes: size = 256, dim = 16, kinds: kindCount = 12 } = options;
  const { dead = 0, without = 0, seed = 1 } = options;
  const random = new Random(seed, 0, 'made catalogue');
  const live = Math.max(1, Math.round(size * (1 - dead)));
  const normals = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => scale * random.normal());
  const centres = normals(kindCount * dim, 2);
  const kindOf = (code: number) => code % kindCount;
  const codebooks = Array.from({ length: levels }, (_, level) => {
    const book = normals(size * dim, 0.8 * 0.6 ** level);
    if (level > 0) return book;
    return book.map((value, at) => value + centres[kindOf(Math.floor(at / dim)) * dim + (at % dim)]);
  });
  /** Small numbers are more likely: popular codes, as everywhere. */
  const skewed = (count: number) => Math.floor(count * random.uniform() ** 1.6);
  const ownCodes = Math.max(1, Math.floor(live / kindCount));
  const codes = new Int32Array(items * levels).fill(-1);
  const kinds = new Int32Array(items);
  const data = new Float32Array(items * dim);
  for (let item = 0; item < items; item++) {
    const kind = skewed(kindCount);
    kinds[item] = kind;
    const strays = random.uniform() < KIND_NOISE;
    const hasNone = random.uniform() < without;
    for (let level = 0; level < levels; level++) {
      const first = strays ? random.below(live) : Math.min(live - 1, kind + kindCount * skewed(ownCodes));
      const code = level === 0 ? first : (skewed(live) + 31 * Math.max(0, codes[item * levels])) % live;
      if (!hasNone) codes[item * levels + level] = code;
      for (let at = 0; at < dim; at++) data[item * dim + at] += codebooks[level][code * dim + at];
    }
    for (let at = 0; at < dim; at++) data[item * dim + at] += 0.1 * random.normal();
  }
  const ids: SemanticIds = {
    ...{ levels, items, codes },
    codebookSizes: Array.from({ length: levels }, () => size),
    collisionTokens: collisionTokens(codes, levels),
  };
  return { ids, codebooks, vectors: { items, dim, data }, kinds };
}
