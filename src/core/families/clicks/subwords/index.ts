import { trainBpe } from './bpe.ts';
import type { SubwordModel, WeightedText } from './types.ts';
import { weighted } from './types.ts';
import { trainUnigram } from './unigram.ts';

export type { SubwordModel } from './types.ts';
export { textOf } from './types.ts';

export type SubwordKind = 'unigram-lm' | 'bpe';

/** A sub-word model of at most `size` pieces, though never fewer than the texts have characters. */
export function trainSubwords(kind: SubwordKind, texts: Iterable<WeightedText>, size: number): SubwordModel {
  const distinct = weighted(texts);
  return kind === 'bpe' ? trainBpe(distinct, size) : trainUnigram(distinct, size);
}
