import { describe, expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { auc } from './classification.ts';
import { clustersOf, valuesOfClusters } from './clusters.ts';
import { aucInterval, compareAucs, placementClusters, placements } from './delong.ts';

const USERS = 120;

/** Rows of users who like much or little, whose scores follow that in part: two classes of one user are alike. */
function log(seed: number): { labels: number[]; scores: number[]; other: number[]; users: number[] } {
  const random = new Random(seed, 0, 'log');
  const rows = { labels: [], scores: [], other: [], users: [] } as ReturnType<typeof log>;
  for (let user = 0; user < USERS; user++) {
    const [taste, score] = [random.normal(), 2 * random.normal()];
    for (let row = 0; row < 3 + random.below(6); row++) {
      rows.labels.push(random.uniform() < 1 / (1 + Math.exp(-taste)) ? 1 : 0);
      rows.scores.push(taste + score + 0.3 * random.normal());
      rows.other.push(taste - score + 0.3 * random.normal());
      rows.users.push(user);
    }
  }
  return rows;
}

/** Standard error by the jackknife that leaves out one user after the other. */
function jackknife({ users }: { users: number[] }, statistic: (rows: number[]) => number): number {
  const values = Array.from({ length: USERS }, (_, out) =>
    statistic([...users.keys()].filter((row) => users[row] !== out)),
  );
  const centre = values.reduce((sum, value) => sum + value, 0) / USERS;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(((USERS - 1) / USERS) * squares);
}

describe('rows of one user', () => {
  it('have one number, and rows of unknown users one each', () => {
    expect(clustersOf([7, 3, 7, -1, -1])).toEqual({ of: Int32Array.of(0, 1, 0, 2, 3), count: 4 });
    expect(clustersOf([7, 3, -1, -1])).toBeNull();
    const values = valuesOfClusters([1, 2, 3], { of: [0, 1, 0], count: 2 });
    expect([...values]).toEqual([8 / 3, 4 / 3]);
  });

  it('give an AUC, and a difference of two, the error that leaving out users gives it', () => {
    for (const seed of [1, 2, 3]) {
      const rows = log(seed);
      const { labels, scores, other } = rows;
      const byUser = clustersOf(rows.users);
      const clusters = byUser && placementClusters(labels, byUser);
      const of = (values: readonly number[]) => placements(labels, values);
      const at = (values: readonly number[], chosen: number[]) =>
        auc(
          chosen.map((row) => labels[row]),
          chosen.map((row) => values[row]),
        );
      const one = aucInterval(of(scores), { clusters }).standardError;
      expect(one / jackknife(rows, (chosen) => at(scores, chosen))).toBeCloseTo(1, 1);
      const difference = compareAucs(of(scores), of(other), { clusters }).standardError;
      const left = jackknife(rows, (chosen) => at(other, chosen) - at(scores, chosen));
      expect(difference / left).toBeCloseTo(1, 1);
      // Rows taken for themselves have a smaller one.
      expect(aucInterval(of(scores)).standardError).toBeLessThan(0.9 * one);
    }
  });
});
