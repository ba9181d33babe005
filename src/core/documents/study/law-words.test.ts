import { expect, it } from 'vitest';
import { isTold, type StudyLaw, type StudyPoint } from '../../studies/analysis.ts';
import { lawSentences, lawStatement, nextSeconds, nextSteps } from './law-words.ts';

const law = (changes: Partial<StudyLaw> = {}): StudyLaw => ({
  axis: 'parameters',
  metric: 'cross-entropy',
  guess: Math.log(1682),
  fixed: '100 % of the users',
  points: [864, 3264, 12672, 49920, 198144].map((x, at) => ({
    x,
    y: 7 - 0.2 * at,
    label: `${8 * 2 ** at}x2`,
  })),
  fit: {
    law: { e: 6.011, x0: 2000, alpha: 0.71 },
    rmse: 0.01,
    r2: 0.9995,
    intervals: { e: [5.974, 6.036], x0: [1000, 3000], alpha: [0.656, 0.781] },
    cautions: [],
  },
  curve: [],
  heldOut: {
    x: 198144,
    label: '128x2',
    measured: 6.044,
    predicted: 6.028,
    interval: [6, 6.06],
    inside: true,
  },
  problems: [],
  ...changes,
});

const fitted = law().fit as NonNullable<StudyLaw['fit']>;

it('says the law, its floor, how well the largest was predicted, and what ten times more would bring', () => {
  expect(lawStatement(law(), null)).toEqual({
    fact: 'Loss falls as N',
    exponent: '−0.71',
    towards: 'towards 6.011 nats',
    limit: '; the largest size was predicted within 0.3 %',
    numbers: [
      'Exponent 0.656 to 0.781, floor 5.974 to 6.036 (95 %), R² 0.9995.',
      '128x2 was predicted as 6.028 (6.000 to 6.060), and measured as 6.044.',
      'Ten times the parameters of 128x2 would gain 0.031 nats',
    ],
    conclusion: 'it is at its floor',
  });
});

it('proclaims no law where floor and exponent cannot be told apart, and no forecast', () => {
  const wide = { ...fitted, intervals: { ...fitted.intervals, alpha: [0.09, 0.78] as [number, number] } };
  const outside = { ...law().heldOut, measured: 6.3, inside: false } as StudyLaw['heldOut'];
  const { fact, exponent, towards, limit, numbers } = lawStatement(
    law({ fit: wide, heldOut: outside }),
    null,
  );
  expect([fact, exponent, towards]).toEqual(['No law yet', undefined, undefined]);
  expect(limit).toBe('; 5 sizes cannot tell exponent and floor apart');
  expect(numbers).toHaveLength(1);
});

it('says where every size is worse than guessing, fitted or not', () => {
  const lost = { points: law().points.map((point) => ({ ...point, y: point.y + 3 })) };
  for (const one of [law(lost), law({ ...lost, fit: null })]) {
    expect(lawStatement(one, null)).toMatchObject({
      fact: 'Worse than guessing',
      limit: '; every size loses more than the 7.43 nats of a guess among all items',
    });
    expect(isTold(one)).toBe(false);
  }
  const learned = { points: lost.points.with(4, { ...lost.points[4], y: 7.4 }) };
  expect(lawStatement(law(learned), null).fact).toBe('Loss falls as N');
});

it('asks for one more size, with its time, where three cannot make a law', () => {
  const three = law({ fit: null, heldOut: null, points: law().points.slice(0, 3) });
  expect(lawStatement(three, 240)).toMatchObject({
    fact: 'One more size for a law',
    limit: '; 3 of 4 are measured, about 4 min',
  });
  const one = law({ fit: null, heldOut: null, points: law().points.slice(0, 1) });
  expect(lawStatement(one, null).limit).toBe('; 1 of 4 is measured');
  const two = law({ fit: null, axis: 'data', points: law().points.slice(0, 2) });
  expect(lawStatement(two, 240).fact).toBe('2 more shares of the users for a law');
});

const point = (size: number, seconds: number | null, share = 1) =>
  ({ size, seconds, share, label: `${8 * 2 ** size}x2` }) as StudyPoint;

it('takes the time of the next size from how the last two grew', () => {
  expect(nextSeconds([point(0, 60), point(1, 120), point(0, 1, 0.5)])).toBe(240);
  expect(nextSeconds([point(0, 60)])).toBe(60);
  expect(nextSeconds([point(0, null)])).toBeNull();
});

it('says what would tell more', () => {
  const points = [point(3, 100), point(4, 300)];
  expect(nextSteps(law(), points, 1, 3)).toEqual([
    { text: 'Three seeds of 64x2 and 128x2', seconds: 800 },
    { text: '1 more share, for a law over data', seconds: null },
  ]);
  // Half a cost is none.
  expect(nextSteps(law(), [point(3, 100), point(4, null)], 1, 1)[0].seconds).toBeNull();
  const four = law({ points: law().points.slice(0, 4) });
  expect(nextSteps(four, [point(2, 60), point(3, 120)], 3, 1)).toEqual([
    { text: '1 larger size, for a law that is tested', seconds: 240 },
  ]);
});

it('is the same in a report, in one line', () => {
  expect(lawSentences(law())).toBe(
    'Loss falls as N^(−0.71) towards 6.011 nats; the largest size was predicted within 0.3 %. Exponent 0.656 to 0.781, ' +
      'floor 5.974 to 6.036 (95 %), R² 0.9995. 128x2 was predicted as 6.028 (6.000 to 6.060), and measured as 6.044. Ten times the parameters of 128x2 would gain 0.031 nats: it is at its floor.',
  );
});
