import { expect, test } from 'vitest';
import { meantWords, nearestName } from './meant.ts';

test('a name is meant that is typed with at most one slip in three letters', () => {
  const names = ['ndcg@10', 'dropout', 'itemDropout', 'SASRec', 'hr'];
  const cases: [string, string | null][] = [
    ...([
      ['ndgc@10', 'ndcg@10'],
      ['dropuot', 'dropout'],
      ['sasrek', 'SASRec'],
      ['itemdropot', 'itemDropout'],
      ['hstu', null],
      ['hrr', 'hr'],
      ['h', null],
      ['', null],
    ] as [string, string | null][]),
  ];
  for (const [typed, meant] of cases) expect([typed, nearestName(typed, names)]).toEqual([typed, meant]);
});

test('each word that nothing has is meant as one that something has, and only where all of them lead to something', () => {
  const texts = ['Go to Settings', 'SASRec', 'Amazon Beauty'];
  expect(meantWords('setings', texts)).toBe('Settings');
  expect(meantWords('amazn beauty', texts)).toBe('Amazon beauty');
  expect(meantWords('beuty sasrec', texts)).toBeNull();
  expect(meantWords('xyzzyx', texts)).toBeNull();
  expect(meantWords('settings', texts)).toBeNull();
  expect(meantWords('', [])).toBeNull();
});
