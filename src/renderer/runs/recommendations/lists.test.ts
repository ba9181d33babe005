import { expect, test } from 'vitest';
import type { Recommendation } from '../../../core/api/recommend.ts';
import { isOnlyHere, listRows } from './lists.ts';

function answer(...items: number[]): Recommendation {
  const named = items.map((item) => ({ item, id: `i${item}`, title: null, categories: [], score: 1 }));
  return {
    run: 'r',
    user: 'u',
    interactions: 3,
    history: [],
    place: 'test',
    items: named,
    heldOut: null,
  };
}

test('lists stand beside each other by rank, and each item says where the others have it', () => {
  const rows = listRows([answer(1, 2, 3), answer(3, 4), undefined]);
  expect(rows.map(({ cells }) => cells.map((cell) => cell?.item.item ?? null))).toEqual([
    [1, 3, null],
    [2, 4, null],
    [3, null, null],
  ]);
  expect(rows[2].cells[0]?.elsewhere).toEqual([1]);
  const only = rows.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell && isOnlyHere(cell) ? cell.item.item : [])),
  );
  expect(only).toEqual([1, 2, 4]);
});

test('nothing is only in a list that stands alone', () => {
  const [{ cells }] = listRows([answer(1), undefined]);
  expect(cells[0] && isOnlyHere(cells[0])).toBe(false);
});
