import { expect, test, vi } from 'vitest';

vi.mock('./connection.ts', () => ({}));

const { isAnswerOf } = await import('./api.ts');

test('an answer counts for what it was asked with, and once it is there', () => {
  const asked = { path: '/a', seeds: [1] };
  expect(isAnswerOf({ isPlaceholderData: false }, asked, { path: '/a', seeds: [1] })).toBe(true);
  expect(isAnswerOf({ isPlaceholderData: true }, asked, asked)).toBe(false);
  expect(isAnswerOf({ isPlaceholderData: false }, asked, { path: '/ab', seeds: [1] })).toBe(false);
  expect(isAnswerOf({ isPlaceholderData: false }, null, asked)).toBe(false);
});
