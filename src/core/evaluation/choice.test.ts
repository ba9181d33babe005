import { expect, it } from 'vitest';
import { protocol } from '../../../test/reports/runs.ts';
import { byValidation, type Choosable, mayBeChosen } from './choice.ts';

const row = (name: string, valid: number | null, seeds = 1, model = name): Choosable & { name: string } => ({
  ...{ name, model, seeds, valid },
});
const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

it('orders models by validation, and puts what has none last and never first', () => {
  const rows = [row('a', 0.1), row('b', null), row('c', 0.3), row('d', Number.NaN), row('e', 0.2)];
  const { best, others } = byValidation(rows, 'valid/ndcg@10');
  expect(names(best)).toEqual(['c', 'e', 'a']);
  expect(names(others)).toEqual(['b', 'd']);
  expect(names(byValidation(rows, 'valid/mean-rank').best)).toEqual(['a', 'e', 'c']);
  expect(byValidation([row('b', null)], 'valid/ndcg@10').best).toEqual([]);
});

it('prefers of one model what several seeds confirm to a better single run', () => {
  const rows = [
    row('lucky', 0.9, 1, 'm'),
    row('seeds', 0.3, 3, 'm'),
    row('pair', 0.2, 2, 'm'),
    row('n', 0.5),
  ];
  const { best, others } = byValidation(rows, 'valid/ndcg@10');
  expect(names(best)).toEqual(['n', 'seeds']);
  expect(names(others)).toEqual(['lucky', 'pair']);
});

it('chooses nothing that was selected on the test items, or whose sources have seen them or may have', () => {
  expect(mayBeChosen(protocol, {})).toBe(true);
  expect(mayBeChosen({ ...protocol, selection: 'final-epoch' }, { unknownSources: [] })).toBe(true);
  expect(mayBeChosen({ ...protocol, selection: 'test' }, {})).toBe(false);
  expect(mayBeChosen(protocol, { seenHeldOut: 'tokeniser has trained on the validation items' })).toBe(false);
  expect(mayBeChosen(protocol, { unknownSources: ['tokeniser: a run that has been deleted'] })).toBe(false);
  expect(mayBeChosen(null, {})).toBe(false);
});
