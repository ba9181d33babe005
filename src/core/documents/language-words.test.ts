import { expect, test } from 'vitest';
import type { AskedOf } from '../evaluation/language-evaluation.ts';
import { askedText } from './language-words.ts';

const asked: AskedOf = {
  ...{ users: 610, ofUsers: 610, fewerUsers: 100, candidates: 0, retriever: null, against: [] },
};

test('an evaluation says whom it asked, and beside what', () => {
  expect(askedText({ asked: null })).toBe('Whom it asked was not recorded.');
  expect(askedText({ asked })).toBe(
    'Asked all 610 users, for the other tests 100; ranked no candidates; beside no other run.',
  );
  const part = { ...asked, users: 2000, ofUsers: 22_363, fewerUsers: 1000, candidates: 99 };
  expect(askedText({ asked: part })).toBe(
    'Asked 2,000 of 22,363 users, for the other tests 1,000; ranked 99 drawn candidates again; beside no other run.',
  );
  const whole = { ...part, candidates: 1, retriever: 'knn', against: ['pop', 'dlrm'] };
  expect(askedText({ asked: whole })).toBe(
    'Asked 2,000 of 22,363 users, for the other tests 1,000; ranked 1 drawn candidate and the best items of knn again; beside pop, dlrm.',
  );
});
