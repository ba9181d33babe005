import { expect, test } from 'vitest';
import { trainingSchema } from '../../training/config.ts';
import { models, resolveConfig } from '../registry.ts';

test('presets that are not of one data set last as many steps on data of any size, and warm up before they end', () => {
  const ofOneDataset = ['beauty', 'sports', 'toys', 'cds'];
  for (const { id, presets, sources = {} } of models.filter(({ family }) => family === 'generative')) {
    const required = Object.entries(sources).filter(([, need]) => need === 'required');
    const overrides = Object.fromEntries(required.map(([key]) => [key, 'any']));
    for (const preset of Object.keys(presets).filter((name) => !ofOneDataset.includes(name))) {
      const config = trainingSchema.parse(resolveConfig(id, { preset, overrides }));
      const { epochSteps, epochs, warmupSteps } = config;
      expect([id, preset, epochSteps > 0]).toEqual([id, preset, true]);
      expect(warmupSteps).toBeLessThan((epochSteps * epochs) / 4);
    }
  }
});

test('a config without the run it needs says which kind, and where to find one', () => {
  expect(() => resolveConfig('tiger', {})).toThrow(
    /"tokeniser": name a tokeniser, .*; "tessera runs list" shows them/,
  );
});
