import { expect, test } from 'vitest';
import {
  agoText,
  bytesText,
  countText,
  decimalText,
  fixed,
  grouped,
  shortTime,
  signed,
  utcText,
} from './format.ts';

test('how long ago is told as coarsely as it matters', () => {
  const now = new Date(2026, 4, 20, 15, 0).getTime();
  const before = (minutes: number) => agoText(now - 60_000 * minutes, now);
  expect([0, 5, 59, 61, 600].map(before)).toEqual(['now', '5 min', '59 min', '1 h', '10 h']);
  expect(agoText(new Date(2026, 4, 19, 1, 0).getTime(), now)).toBe('yesterday');
  expect(agoText(new Date(2026, 4, 19, 23, 0).getTime(), new Date(2026, 4, 20, 1, 0).getTime())).toBe('2 h');
  expect(agoText(new Date(2026, 4, 10, 12, 0).getTime(), now)).toBe('10 days');
  expect(agoText(new Date(2025, 4, 10, 12, 0).getTime(), now)).toBe('2025-05-10');
  expect(agoText(null, now)).toBe('–');
});

test('one of something is told in the singular', () => {
  expect([0, 1, 2, 12101].map((count) => countText(count, 'item'))).toEqual([
    '0 items',
    '1 item',
    '2 items',
    '12,101 items',
  ]);
});

test('numbers below 0 have a real minus, and 0 has none', () => {
  expect([-0.5, 0.5, -0.001].map((value) => fixed(value, 2))).toEqual(['−0.50', '0.50', '0.00']);
  expect([-0.5, 0.5, -0.001].map((value) => signed(value, 2))).toEqual(['−0.50', '+0.50', '0.00']);
  expect(grouped(-1234)).toBe('−1,234');
});

test('large numbers are in groups of three, whatever their decimals', () => {
  expect([1234567.04, 12101, 0.1234, -1234.5].map((value) => decimalText(value, 1))).toEqual([
    '1,234,567.0',
    '12,101.0',
    '0.1',
    '−1,234.5',
  ]);
  expect(decimalText(12101, 0)).toBe('12,101');
  expect(decimalText(undefined, 4)).toBe('–');
});

test('bytes beyond any disk still have a unit', () => {
  expect(bytesText(336_000_104e12)).toBe('336.0 EB');
});

test('a time that need not be exact is short', () => {
  expect([0.2, 8.25, 84, 60, 754, 12_000].map(shortTime)).toEqual([
    '< 1 s',
    '8.3 s',
    '1 min 24 s',
    '1 min',
    '12 min',
    '3 h 20 min',
  ]);
});

test('times of a data set are those of UTC, as its days are', () => {
  expect(utcText(Date.UTC(2020, 0, 1, 23, 59))).toBe('2020-01-01 23:59');
  expect(utcText(null)).toBe('–');
});
