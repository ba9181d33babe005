import { expect, it } from 'vitest';
import { type Agreement, agreementOf, type Numbers } from './agreement.ts';
import {
  degreeOfAgreement,
  measuredPart,
  orderText,
  outcomeStatement,
  type ReproducedRun,
  shownMetric,
} from './outcome.ts';

const sha256 = (digit: string) => digit.repeat(64);

const numbers = (metrics: Record<string, number>, more: Partial<Numbers> = {}): Numbers => ({
  ...{ metrics, selectedEpoch: 3, ranks: { test: { users: 9, sha256: sha256('a') } }, ...more },
});

const told = { 'test/ndcg@10': 0.05, 'test/loss': 7, 'valid/ndcg@10': 0.06 };
const earlier = numbers(told);

it('takes small differences of table columns for rounding, where the epoch is the same and no test tells them apart', () => {
  const now = (metrics: Record<string, number>, more: Partial<Numbers> = {}) =>
    agreementOf(earlier, numbers({ ...told, ...metrics }, more));
  const other = { ranks: { test: { users: 9, sha256: sha256('b') } } };
  expect(degreeOfAgreement(now({}), 0.001)).toBe('exact');
  expect(degreeOfAgreement(now({}, other), null)).toBe('rounding');
  // A loss has no scale of its own.
  expect(degreeOfAgreement(now({ 'test/ndcg@10': 0.0514, 'test/loss': 7.5 }), 0.3)).toBe('rounding');
  expect(degreeOfAgreement(now({ 'test/ndcg@10': 0.0514 }), 0.04)).toBe('apart');
  expect(degreeOfAgreement(now({ 'test/ndcg@10': 0.053 }), null)).toBe('differs');
  expect(degreeOfAgreement(now({ 'test/ndcg@10': 0.0501 }, { selectedEpoch: 4 }), 0.9)).toBe('differs');
  expect(degreeOfAgreement(agreementOf(earlier, numbers({})), null)).toBe('differs');
});

it('compares an evaluation by what it has measured alone', () => {
  const measured = numbers({ 'test/ndcg@10': 0.05 });
  expect(agreementOf(measuredPart(earlier, measured), measured)).toMatchObject({ isExact: true, metrics: 1 });
});

it('shows the first main metric of the test, else of what there is', () => {
  expect(shownMetric(earlier)).toBe('test/ndcg@10');
  expect(shownMetric(numbers({ 'valid/ndcg@10': 0.06 }))).toBe('valid/ndcg@10');
  expect(shownMetric(numbers({ 'test/oddity': 1 }))).toBe('test/oddity');
  expect(shownMetric(numbers({}))).toBeNull();
});

const run = (name: string, degree: ReproducedRun['degree'], before = 1, after = before) =>
  ({ earlier: { name }, degree, before, after, ranks: null, agreement: null }) as ReproducedRun;

it('counts what agrees, and says how much of that bit for bit', () => {
  expect(outcomeStatement([run('a', 'exact'), run('b', 'rounding'), run('c', 'apart')])).toEqual({
    ...{ fact: '2 of 3 agree', limit: ', 1 of them bit for bit' },
  });
  expect(outcomeStatement([run('a', 'exact'), run('b', 'exact'), run('c', null)])).toEqual({
    ...{ fact: 'All 2 agree', limit: ', bit for bit; 1 run to come' },
  });
  expect(outcomeStatement([run('a', null)]).fact).toBe('Nothing has been made again yet');
  const agreement = { ranks: [{ part: 'test', users: 9, equal: false }] } as unknown as Agreement;
  expect(outcomeStatement([{ ...run('a', 'differs'), agreement }])).toEqual({
    ...{ fact: 'Differs, not told apart' },
    limit: ': not all users have the same rank; how many is not recorded',
  });
});

it('says where the order of the runs is another one', () => {
  expect(orderText([run('a', 'exact', 0.3), run('b', 'apart', 0.2, 0.4)])).toContain(
    'b is now first, and was number 2',
  );
  expect(orderText([run('a', 'exact', 0.3), run('b', 'exact', 0.2)])).toBeNull();
  expect(orderText([run('a', 'exact', 0.3)])).toBeNull();
});
