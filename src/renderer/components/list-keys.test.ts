import { expect, test } from 'vitest';
import { listStep } from './list-keys.ts';

const step = (key: string, at: number, count: number, isComposing = false) =>
  listStep({ key, nativeEvent: { isComposing } }, at, count);

test('arrow keys lead through a list and around its ends', () => {
  expect(step('ArrowDown', 0, 3)).toBe(1);
  expect(step('ArrowDown', 2, 3)).toBe(0);
  expect(step('ArrowUp', 0, 3)).toBe(2);
  expect(step('ArrowDown', 0, 0)).toBeNull();
  expect(step('a', 0, 3)).toBeNull();
});

test('a key that composes a character leads nowhere', () => {
  expect(step('ArrowDown', 0, 3, true)).toBeNull();
});
