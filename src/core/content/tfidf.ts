/** TF-IDF of text and category columns as one sparse matrix [items, terms]. */

import type { SparseMatrix } from '../math/sparse.ts';
import type { TextColumn } from './columns.ts';
import type { ContentConfig } from './config.ts';

type TermOptions = Pick<
  ContentConfig,
  'ngrams' | 'minDocuments' | 'maxTerms' | 'sublinearTf' | 'categoryWeight'
>;

/** Words of a text in lower case: runs of letters and digits, accents removed. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
  return plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words and their runs of up to `longest`, repeats included. */
export function wordTerms(text: string, longest: number): string[] {
  const words = wordsOf(text);
  const terms = [...words];
  for (let length = 2; length <= longest; length++) {
    for (let at = 0; at + length <= words.length; at++) terms.push(words.slice(at, at + length).join(' '));
  }
  return terms;
}

/** The parts of a list joined by "|", in lower case. */
export function listTerms(text: string): string[] {
  return text
    .split('|')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}

/** A column, how its terms are made, and the length of its part of the vectors. */
interface Part {
  values: string[];
  termsOf(text: string): string[];
  weight: number;
}

/**
 * One part a column, each of its own terms and of its own length (1, or `categoryWeight`), so that a long title does
 * not drown out a category. Inside a part, term t of item i has tf(i, t) · (ln((1 + n) / (1 + df(t))) + 1), n items,
 * df(t) of which have the term (Salton and Buckley 1988; smoothed as scikit-learn does).
 * @returns [items, terms], and how many items have no term at all
 */
export function tfidf(
  text: readonly TextColumn[],
  categories: readonly TextColumn[],
  options: TermOptions,
): { matrix: SparseMatrix; empty: number } {
  const parts: Part[] = [
    ...text.map(({ values }) => ({
      values,
      termsOf: (value: string) => wordTerms(value, options.ngrams),
      weight: 1,
    })),
    ...categories.map(({ values }) => ({ values, termsOf: listTerms, weight: options.categoryWeight })),
  ].filter(({ weight }) => weight > 0);
  const items = parts[0]?.values.length ?? 0;
  const vocabularies = parts.map((part) => vocabularyOf(part, options));
  const starts = [0];
  for (const { size } of vocabularies) starts.push((starts.at(-1) ?? 0) + size);
  const offsets = new Int32Array(items + 1);
  const columns: number[] = [];
  const values: number[] = [];
  let empty = 0;
  for (let item = 0; item < items; item++) {
    for (const [index, part] of parts.entries()) {
      appendRow(part, item, vocabularies[index], starts[index], options.sublinearTf, columns, values);
    }
    offsets[item + 1] = columns.length;
    if (offsets[item + 1] === offsets[item]) empty++;
  }
  const matrix = {
    rows: items,
    width: starts.at(-1) ?? 0,
    offsets,
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
  return { matrix, empty };
}

/** Index and inverse document frequency of the terms kept. */
type Vocabulary = Map<string, { index: number; idf: number }>;

function vocabularyOf(part: Part, { minDocuments, maxTerms }: TermOptions): Vocabulary {
  const documents = new Map<string, number>();
  for (const value of part.values) {
    for (const term of new Set(part.termsOf(value))) documents.set(term, (documents.get(term) ?? 0) + 1);
  }
  const kept = [...documents].filter(([, count]) => count >= minDocuments);
  // Equal counts go by the term, so that the cut does not depend on the order of items.
  if (kept.length > maxTerms) kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const all = part.values.length;
  return new Map(
    kept
      .slice(0, maxTerms)
      .map(([term, count], index) => [term, { index, idf: Math.log((1 + all) / (1 + count)) + 1 }]),
  );
}

function appendRow(
  { values: texts, termsOf, weight }: Part,
  item: number,
  vocabulary: Vocabulary,
  start: number,
  sublinear: boolean,
  columns: number[],
  values: number[],
): void {
  const times = new Map<string, number>();
  for (const term of termsOf(texts[item])) {
    if (vocabulary.has(term)) times.set(term, (times.get(term) ?? 0) + 1);
  }
  const first = values.length;
  let squares = 0;
  for (const [term, count] of times) {
    const { index, idf } = vocabulary.get(term) as { index: number; idf: number };
    const value = (sublinear ? 1 + Math.log(count) : count) * idf;
    columns.push(start + index);
    values.push(value);
    squares += value * value;
  }
  const scale = weight / Math.sqrt(squares);
  for (let at = first; at < values.length; at++) values[at] *= scale;
}
