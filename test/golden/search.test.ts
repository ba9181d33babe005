/**
 * Our TPE against Optuna's on three functions, 100 trials, 50 seeds each: search.py wrote what Optuna found, search-functions.ts what ours did.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { some } from '../form.ts';
import { bestOf, functions, SEEDS } from './search-functions.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

type Name = keyof typeof functions;
const { best: theirs, trials } = read('search-a.json') as { best: Record<Name, number[]>; trials: number };
const ours = read('search-own.json') as Record<Name, { tpe: number[]; random: number[] }>;
const names = Object.keys(functions) as Name[];

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const median = (values: readonly number[]) => {
  const all = sorted(values);
  return (all[24] + all[25]) / 2;
};

test.each(names)('the median best on %s lies inside the 95 %% interval of Optuna’s median, or is better', (name) => {
  expect(theirs[name]).toHaveLength(50);
  expect(ours[name].tpe).toHaveLength(50);
  // Of 50 values the median lies between the 18th and the 33rd with 96.7 %, without any assumption on how they are distributed.
  const upper = sorted(theirs[name])[32];
  expect(median(ours[name].tpe)).toBeLessThanOrEqual(upper);
  expect(median(ours[name].tpe)).toBeLessThan(median(ours[name].random));
});

test.each(some(SEEDS, 1))('what is kept of ours is what seed %i finds', (seed) => {
  for (const name of names)
    expect(bestOf(functions[name], { search: 'tpe', seed, trials })).toBeCloseTo(ours[name].tpe[seed - 1], 10);
});
