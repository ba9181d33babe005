import { expect, test } from 'vitest';
import type { Protocol } from '../../../evaluation/types.ts';
import { protocolWords } from './protocol-line.ts';

test('a protocol is told in words, whatever is measured', () => {
  const clicks = { task: 'ranking', split: 'time', selection: 'validation' } as Protocol;
  expect(protocolWords(clicks)).toEqual(['labelled rows', 'split by time', 'checkpoint by validation']);
  const codes = { task: 'tokeniser', items: 12_101 } as Protocol;
  expect(protocolWords(codes)).toEqual(['Semantic IDs of 12,101 items']);
  expect(protocolWords(null)).toEqual(['protocol not stated']);
});
