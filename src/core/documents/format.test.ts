import { expect, test } from 'vitest';
import { duration } from './format.ts';

test.each([
  [null, '–'],
  [4.26, '4.3 s'],
  [48.4, '48 s'],
  [59.6, '1 min 0 s'],
  [725, '12 min 5 s'],
  [3600, '1 h 0 min'],
  [12_029, '3 h 20 min'],
  [86_400 + 59 * 60, '24 h 59 min'],
])('%s seconds are "%s"', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
