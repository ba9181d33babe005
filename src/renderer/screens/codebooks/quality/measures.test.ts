import { expect, test } from 'vitest';
import { measureTable } from './measures.ts';

test('measures stand in one table, a level a column', () => {
  const measure = (name: string, label: string, value: number) => ({ name, label, value, decimals: 4 });
  expect(
    measureTable([
      measure('ids/collision-rate', 'Collision rate', 0.1),
      measure('ids/usage@2', 'Usage@2', 0.5),
      measure('ids/usage@1', 'Usage@1', 1),
    ]),
  ).toEqual({
    levels: ['', '1', '2'],
    rows: [
      { title: 'Collision rate', values: { '': 0.1 }, decimals: 4 },
      { title: 'Usage', values: { 1: 1, 2: 0.5 }, decimals: 4 },
    ],
  });
});
