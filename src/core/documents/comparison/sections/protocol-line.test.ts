import { expect, test } from 'vitest';
import { splitIds, splits } from '../../../data/splits/index.ts';
import { meaningOf } from '../../../evaluation/meanings.ts';
import type { Protocol } from '../../../evaluation/types.ts';
import { protocolWords } from './protocol-line.ts';

test('a protocol is told in words, whatever is measured', () => {
  const clicks = { task: 'ranking', split: 'time', selection: 'validation' } as Protocol;
  expect(protocolWords(clicks)).toEqual(['labelled rows', 'split by time', 'best epoch on validation']);
  const codes = { task: 'tokeniser', items: 12_101 } as Protocol;
  expect(protocolWords(codes)).toEqual(['Semantic IDs of 12,101 items']);
  expect(protocolWords(null)).toEqual(['protocol not recorded']);
});

test('a split is told by its term and what sets it apart, each with a meaning', () => {
  const told = (split: string, settings: object = {}) =>
    protocolWords({ split, ...settings, candidates: 'catalogue', catalogueItems: 9 } as Protocol)[0];
  expect(told('time-without-validation', { targets: 'all' })).toBe(
    'split by time without validation, all later items in one list',
  );
  expect(told('windows', { windows: 4, window: 2 })).toBe('window of time 2 of 4');
  for (const id of splitIds) {
    expect(meaningOf(told(id))).toBe(splits[id].meaning);
    const codes = { task: 'tokeniser', items: 9, split: id } as Protocol;
    expect(protocolWords(codes)[1]).toBe(`counted: ${splits[id].trainedOn(true)}`);
  }
});
