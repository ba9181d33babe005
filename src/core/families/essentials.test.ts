import { expect, test } from 'vitest';
import { MOST_ESSENTIALS } from './model.ts';
import { models } from './registry.ts';

const SUMMARY_LENGTH = 50;

test.each(models.map((model) => [model.id, model] as const))(
  '%s names its essential settings',
  (_, model) => {
    const { essentials, configSchema, sources = {}, summary, formerly = {}, sweep = [] } = model;
    expect(Object.keys(configSchema.shape)).toEqual(expect.arrayContaining([...essentials]));
    expect(essentials.length).toBeLessThanOrEqual(MOST_ESSENTIALS);
    expect(new Set(essentials).size).toBe(essentials.length);
    const needed = Object.keys(sources).filter((key) => sources[key as keyof typeof sources] === 'required');
    expect(essentials).toEqual(expect.arrayContaining(needed));
    for (const keys of [Object.keys(formerly), sweep.map(({ key }) => key)])
      expect(Object.keys(configSchema.shape)).toEqual(expect.arrayContaining(keys));
    expect(summary.length).toBeLessThanOrEqual(SUMMARY_LENGTH);
  },
);

test('a fit in one go takes longer on more data', () => {
  const small = { users: 1000, items: 1000, interactions: 50_000 };
  const large = { users: 2000, items: 2000, interactions: 200_000 };
  for (const { fitSeconds, id } of models) {
    if (fitSeconds) expect(fitSeconds(large), id).toBeGreaterThan(fitSeconds(small));
  }
  const ease = models.find(({ id }) => id === 'ease');
  expect(ease?.fitSeconds?.(large)).toBeCloseTo(8 * (ease?.fitSeconds?.(small) ?? 0));
});
