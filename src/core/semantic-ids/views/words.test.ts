import { expect, it } from 'vitest';
import { countWords, wordsOfCode } from './words.ts';

const lacquers = [
  'OPI Nail Lacquer, Pink 0.5 oz',
  'The Nail Lacquer by OPI',
  'OPI nail lacquer',
  'OPI Thinner',
];
const others = Array.from(
  { length: 40 },
  (_, at) => `The shampoo by Firm${at} for ${at % 5 ? 'hair' : 'nail'} care`,
);
const titles = [...lacquers, ...others];
const everywhere = { counts: countWords(titles), titles: titles.length };

it('names a code by the words that are common in its titles and rare elsewhere', () => {
  const { name, words } = wordsOfCode(lacquers, everywhere);
  expect(name).toBe('Nail lacquer');
  expect(words.slice(0, 2)).toEqual([
    { word: 'opi', titles: 4 },
    { word: 'lacquer', titles: 3 },
  ]);
  expect(words.map(({ word }) => word)).not.toContain('the');
});

it('keeps a short word within a name', () => {
  const some = ['Eau de Toilette by Boss', 'Boss, eau de toilette', 'Eau de Parfum'];
  expect(wordsOfCode(some, { counts: new Map(), titles: 1_000 }).name).toBe('Eau de toilette');
});

it('joins words that do not stand side by side', () => {
  const some = ['base red', 'coat red base', 'red one coat', 'clear base'];
  expect(wordsOfCode(some, { counts: new Map(), titles: 1_000 }).name).toBe('Base, red, coat');
});

it('names nothing without titles, and counts a word once a title', () => {
  expect(wordsOfCode([], everywhere)).toEqual({ name: '', words: [] });
  expect([...countWords(['Nail nail NAIL', '12 3'])]).toEqual([['nail', 1]]);
});
