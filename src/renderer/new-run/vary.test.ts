import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SchemaField } from '../components/schema.ts';
import {
  condition,
  firstVaried,
  type Varied,
  valuesOf,
  variedAs,
  variedOf,
  variedProblem,
  variedText,
} from './vary.ts';

const field = (changes: Partial<SchemaField>): SchemaField => ({ key: 'k', label: 'K', ...changes });
const rate = field({ type: 'number', exclusiveMinimum: 0, default: 0.001 });
const dropout = field({ type: 'number', minimum: 0, exclusiveMaximum: 1 });
const dim = field({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const range = (from: string, to: string, changes: Partial<Varied> = {}): Varied => ({
  ...{ on: true, as: 'range', from, to, count: '3', log: false, values: [] },
  ...changes,
});
const list = (...values: string[]): Varied => ({ ...range('', ''), as: 'values', values });

describe('what is varied first', () => {
  it('is a range around the value that can be searched as it is', () => {
    const first = (of: SchemaField, value: unknown) => variedText(of, firstVaried(of, value), true);
    expect(first(rate, 0.001)).toBe('0.0001, 0.001, 0.01');
    expect(first(dropout, 0.2)).toBe('0.1, 0.2, 0.3');
    expect(first(dropout, 0)).toBe('0, 0.25, 0.5');
    expect(first(dim, 64)).toBe('32, 64, 128');
    expect(first(dim, 1)).toBe('1, 2, 3');
    fc.assert(
      fc.property(fc.constantFrom(rate, dropout, dim), fc.nat({ max: 999 }), (of, at) => {
        const value = of === dim ? at + 1 : of === rate ? (at + 1) / 1e4 : at / 1000;
        expect(variedProblem(of, firstVaried(of, value), true)).toBeNull();
      }),
    );
  });

  it('is few choices at once, and of many the one there is', () => {
    expect(firstVaried(field({ type: 'boolean' }), true, ['true', 'false']).values).toEqual([
      'true',
      'false',
    ]);
    expect(firstVaried(field({}), 'b', ['a', 'b', 'c', 'd']).values).toEqual(['b']);
  });
});

describe('why it cannot be searched', () => {
  const ONE = 'One value varies nothing: add another, or press Fix';
  it.each([
    [rate, range('', '0.1'), 'Enter where the range begins and ends'],
    [rate, range('1', 'x'), 'x is not possible: Enter a number'],
    [dropout, range('0.1', '2'), '2 is not possible: Enter less than 1'],
    [
      dropout,
      range('0', '0.5', { log: true }),
      'A log range begins above 0: enter more than 0, or space it evenly',
    ],
    [
      dropout,
      range('0.5', '0', { log: true }),
      'A log range begins above 0: enter more than 0, or space it evenly',
    ],
    [rate, range('0.1', '0.01'), 'The range runs backwards: enter 0.01 first'],
    [rate, range('0.1', '0.10'), ONE],
    [rate, range('0.1', '0.2', { count: '1' }), ONE],
    [rate, range('0.1', '0.2', { count: '10000' }), 'Enter a whole number from 2 to 1,000'],
    [dim, range('1.5', '3'), '1.5 is not possible: Enter a whole number'],
    [dim, list(), 'Enter at least two values'],
    [dim, list('8'), ONE],
    [dim, list('8', '08'), '08 is listed twice'],
    [dim, list('8', '0'), '0 is not possible: Enter 1 or more'],
    [dim, list('8', '16'), null],
  ])('is one line', (of, vary, problem) => {
    expect(variedProblem(of, vary, true)).toBe(problem);
  });

  it('asks of a range that is drawn from no number of values', () => {
    expect(variedProblem(rate, range('0.1', '0.2', { count: '' }), false)).toBeNull();
  });

  it('is a setting that nothing reads where another has one of its values', () => {
    const temperature = field({ key: 'temperature', label: 'Temperature', readWith: { scores: ['cosine'] } });
    const fields = [temperature, field({ key: 'scores', label: 'Scores' })];
    const found = (vary: Record<string, Varied>, scores: string) =>
      condition(temperature, fields, vary, { scores });
    expect(found({}, 'cosine')).toEqual({ note: 'Only read with scores cosine' });
    expect(found({}, 'dot')).toEqual({
      problem: 'Only read with scores cosine, and it is dot: change that, or press Fix',
    });
    expect(found({ scores: list('cosine', 'dot') }, 'cosine')).toEqual({
      problem: 'Only read with scores cosine: leave out dot there, or fix one of the two',
    });
    expect(found({ scores: { ...list('cosine', 'dot'), on: false } }, 'cosine')).toHaveProperty('note');
  });
});

describe('as a sweep takes it', () => {
  it('is a list, or a range to draw from', () => {
    expect(variedText(rate, range('1e-4', '0.01', { log: true, count: '5' }), true)).toBe(
      '0.0001, 0.00032, 0.001, 0.0032, 0.01',
    );
    expect(variedText(rate, range('1e-4', '0.01', { log: true }), false)).toBe('log:0.0001..0.01');
    expect(variedText(dim, range('1', '2', { count: '5' }), true)).toBe('1, 2');
    expect(variedText(field({ type: 'boolean' }), list('true', 'false'), true)).toBe('true, false');
    expect(variedText(field({ type: 'string' }), list('64-32', '8'), true)).toBe('["64-32","8"]');
    expect(variedText(field({ type: 'array' }), list('[1,2]', '[3]'), true)).toBe('[[1,2],[3]]');
  });

  it('comes back as it was', () => {
    for (const vary of [list('0.1', '0.2'), range('0.0001', '0.01', { log: true })])
      expect(variedOf(variedText(rate, vary, false))).toEqual(vary);
    expect(variedOf('[[1,2],[3]]').values).toEqual(['[1,2]', '[3]']);
  });

  it('has as many different values as are asked for, from the one end to the other', () => {
    const ends = fc.tuple(
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.double({ min: 1.01, max: 1e4, noNaN: true }),
    );
    fc.assert(
      fc.property(ends, fc.integer({ min: 2, max: 200 }), fc.boolean(), ([low, factor], count, log) => {
        const high = low * factor;
        const values = valuesOf(
          rate,
          range(String(low), String(high), { count: String(count), log }),
        ) as number[];
        expect(values).toHaveLength(count);
        expect([values[0], values.at(-1)]).toEqual([low, high]);
        expect(values).toEqual(values.toSorted((a, b) => a - b));
      }),
    );
  });

  it('takes over a range as a list once', () => {
    const one = variedAs(dim, range('32', '128', { log: true, values: ['64'] }), 'values');
    expect(one.values).toEqual(['32', '64', '128']);
    expect(variedAs(dim, { ...one, as: 'range', from: '1', values: ['5', '6'] }, 'values').values).toEqual([
      '5',
      '6',
    ]);
  });
});
