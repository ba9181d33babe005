import { expect, it } from 'vitest';
import { chiSquareSurvival, studentizedRangeQuantile } from './distributions.ts';
import { friedman } from './several-datasets.ts';

/** Five models on seven data sets, with ties. What they come to by SciPy is in test/golden/agreement.test.ts. */
const VALUES = [
  [0.0704, 0.0244, 0.0542, 0.0443, 0.0748, 0.0478, 0.0298],
  [0.0517, 0.0453, 0.0569, 0.0563, 0.0505, 0.0512, 0.0473],
  [0.0474, 0.0541, 0.0628, 0.0556, 0.0748, 0.056, 0.0582],
  [0.0775, 0.0675, 0.0569, 0.0602, 0.0674, 0.0814, 0.0593],
  [0.0636, 0.076, 0.0571, 0.0631, 0.0748, 0.0718, 0.0669],
];

it('ranks the other way round where less is better, and calls equal models equal', () => {
  const turned = friedman(VALUES, -1);
  const ranks = friedman(VALUES, 1).averageRanks.map((rank) => 6 - rank);
  for (const [at, rank] of ranks.entries()) expect(turned.averageRanks[at]).toBeCloseTo(rank, 12);
  const equal = friedman([VALUES[0], VALUES[0], VALUES[0]], 1);
  expect([equal.averageRanks, equal.p, equal.f.p]).toEqual([[2, 2, 2], Number.NaN, Number.NaN]);
  const alike = friedman(
    [1, 2, 3].map((value) => [value, value + 1]),
    1,
  );
  expect([alike.averageRanks, alike.f.p]).toEqual([[3, 2, 1], 0]);
});

it('refuses what has no test', () => {
  expect(() => friedman([[1, 2]], 1)).toThrow('from 3 models and 2 data sets on');
  expect(() => friedman([[1], [2], [3]], 1)).toThrow('from 3 models');
  expect(() =>
    friedman(
      [
        [1, 2],
        [2, 3],
        [3, Number.NaN],
      ],
      1,
    ),
  ).toThrow('needs a value');
});

it('has the distributions of SciPy', () => {
  const quantiles = {
    2: 2.771807648699356,
    3: 3.314493155398122,
    10: 4.474124221725907,
    30: 5.3012895740311645,
  };
  for (const [count, q] of Object.entries(quantiles))
    expect(studentizedRangeQuantile(0.05, Number(count))).toBeCloseTo(q, 9);
  const tails = [
    [0.3, 1, 0.583882420770365],
    [5, 4, 0.2872974951836458],
    [40, 9, 7.598525229464264e-6],
    [0.001, 3, 0.9999915920809419],
    [200, 30, 4.9527335290032224e-27],
  ];
  for (const [x, df, p] of tails) expect(chiSquareSurvival(x, df) / p).toBeCloseTo(1, 9);
});
