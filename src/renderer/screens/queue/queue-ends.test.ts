import { expect, test } from 'vitest';
import { endText } from './queue-ends.ts';

const now = new Date(2026, 0, 5, 17, 0).getTime();
const end = (seconds: number | null, after = 0, atLeast = false) => ({ seconds, after, atLeast });

test('an end is a time, "after" a time where something unknown comes first, and a dash where nothing is known', () => {
  expect(endText(end(14 * 60), now)).toBe('17:14');
  expect(endText(end(63 * 60, 33 * 60, true), now)).toBe('after 18:03');
  expect(endText(end(null, 63 * 60), now)).toBe('after 18:03');
  expect([endText(end(null), now), endText(undefined, now)]).toEqual(['–', '–']);
});
