import { expect, test, vi } from 'vitest';
import type { LadderLine, LadderQuestion, LanguageLadder } from '../../../core/api/language.ts';
import { limitsOf, rowsOf, stagesFigure, statementOf } from './stages.ts';

const run = (id: string, place: number | null, from: string | null = null) => ({
  ...{ id, name: id, model: place === null ? 'dlrm' : 'brew', title: `Stage ${id}`, from, place },
  ...{ epochs: 1, seconds: 60, status: 'completed' as const },
});
const difference = (value: number, significant = true) => ({
  ...{ test: 'delong' as const, unit: 'rows' as const, count: 9, difference: value, p: 0.01, exact: false },
  ...{ interval: [value - 0.1, value + 0.1] as [number, number], holm: 0.02, significant },
  ...{ wins: 1, ties: 1, losses: 1 },
});
const line = (
  id: string,
  value: number,
  toBefore: LadderLine['toBefore'] = null,
  before: string | null = null,
) => ({
  ...{ run: id, value, interval: [value - 0.01, value + 0.01] as [number, number], toBefore },
  ...{ before, toTarget: null },
});

const question: LadderQuestion = {
  ...{ question: 'like', metric: 'test/auc', label: 'AUC', decimals: 4, target: 'd' },
  ...{ unit: 'rows', count: 2000, leftOut: 40, absent: [{ run: 'b', reason: 'no result (failed)' }] },
  rows: [
    line('a', 0.52),
    line('c', 0.6, difference(0.08), 'a'),
    line('d', 0.77, difference(0.17), 'c'),
    line('other', 0.8),
  ],
};
const ladder: LanguageLadder = {
  ...{ dataset: 'club', questions: [question], next: [], pretrained: ['SmolLM2-135M'] },
  runs: [run('a', 1), run('b', 2, 'a'), run('c', 3, 'b'), run('d', 4, 'c'), run('other', null)],
};

test('stages are said from the first to the last with the step that brings most, and whose numbers they are', () => {
  expect(statementOf(ladder, question)).toEqual({
    fact: 'AUC from 0.5200 to 0.7700',
    limit: ': most by Stage d, +0.1700',
  });
  expect(limitsOf(ladder, question)).toBe(
    'Over the same 2,000 questions; 40 that were not asked of every run are left out. One run each: other seeds may differ. What SmolLM2-135M read before is not known: the data set may be in it.',
  );
  const vague = { ...question, rows: [line('a', 0.52), line('c', 0.53, difference(0.01, false))] };
  expect(statementOf(ladder, vague).limit).toBe(': no step between stages is significant');
  const worse = { ...question, rows: [line('a', 0.52), line('c', 0.5, difference(-0.02))] };
  expect(statementOf(ladder, worse).limit).toBe(': no stage brings anything');
  const alone = { ...question, rows: [line('d', 0.77), line('other', 0.8)] };
  expect(statementOf(ladder, alone).fact).toBe('AUC 0.7700 after Stage d');
});

test('a stage is joined to the nearest one before it that was measured, and every stage has its line in the figure', () => {
  expect(rowsOf(ladder, question).map(({ run: of, before }) => [of.id, before?.id])).toEqual([
    ['a', undefined],
    ['c', 'a'],
    ['d', 'c'],
    ['other', undefined],
  ]);
  const { y, series, rules } = stagesFigure(ladder, question, () => 'accent');
  expect(y.names).toEqual(['4  Stage d', '3  Stage c', '2  Stage b', '1  Stage a']);
  // In the order of sight, in which the arrow keys read them.
  expect(series.map(({ id }) => id)).toEqual(['from c', 'from d', 'd', 'c', 'a']);
  expect(rules).toMatchObject([{ axis: 'x', at: 0.8, dashed: true, label: 'Stage other 0.8000' }]);
});

test('stages have the colour of the model that they began with, and every other model its own', () => {
  const of = { a: 'tiger', c: 'rewarded', d: 'rewarded', other: 'sasrec' };
  const runs = ladder.runs.map((one) => ({ ...one, model: of[one.id as keyof typeof of] ?? 'tiger' }));
  const asked = vi.fn(() => 'accent' as const);
  stagesFigure({ ...ladder, runs }, question, asked);
  expect([...new Set(asked.mock.calls.flat())].sort()).toEqual(['sasrec', 'tiger']);
});
