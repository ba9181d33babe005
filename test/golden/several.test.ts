/** Metrics of several targets in one list, against ranx and RecTools. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricsOfRanks, perUserMetric } from '../../src/core/evaluation/metrics.ts';

interface Fixture {
  /** Of the targets of every user. */
  ranks: number[][];
  /** By metric, a value a user. */
  ranx: Record<string, number[]>;
  /** Means over users. */
  rectools: Record<string, number>;
}

test('metrics of several targets are those of ranx for every user, and those of RecTools', () => {
  const fixture = new URL('several-a.json', import.meta.url);
  const { ranks, ranx, rectools } = JSON.parse(readFileSync(fixture, 'utf8')) as Fixture;
  const rows = {
    ranks: ranks.flat(),
    users: Int32Array.from(ranks.flatMap((own, user) => own.map(() => user))),
    several: 'all' as const,
  };
  expect(Object.keys(ranx)).toHaveLength(32);
  for (const [name, values] of Object.entries(ranx)) {
    const ours = perUserMetric(rows, name);
    const errors = values.map((value, user) => Math.abs(value - ours[user]));
    expect(Math.max(...errors), name).toBeLessThan(1e-9);
  }
  const means = metricsOfRanks(rows, [1, 5, 10, 20, 50]);
  expect(Object.keys(rectools)).toHaveLength(30);
  for (const [name, value] of Object.entries(rectools))
    expect(Math.abs(value - means[name]), name).toBeLessThan(1e-9);
});
