import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shippedFolder } from '../resources.ts';
import { presetsOf } from './presets.ts';
import { models, resolveConfig } from './registry.ts';

const PRESETS = models.flatMap(({ id, presets }) => Object.keys(presets).map((preset) => [id, preset]));

test.each(PRESETS)('%s %s has keys and values of its model', (id, preset) => {
  const { configSchema, presets, sources = {} } = models.filter((model) => model.id === id)[0];
  const { config } = presets[preset];
  expect(Object.keys(configSchema.shape)).toEqual(expect.arrayContaining(Object.keys(config)));
  const required = Object.entries(sources).filter(([, need]) => need === 'required');
  const overrides = Object.fromEntries(required.map(([key]) => [key, 'any']));
  expect(resolveConfig(id, { preset, overrides })).toMatchObject(config);
});

test('every file of presets is of a model, or shared', () => {
  const files = readdirSync(shippedFolder('presets')).map((file) => file.replace(/\.json$/, ''));
  const ids = models.filter(({ presets }) => Object.keys(presets).length > 0).map(({ id }) => id);
  expect(files.sort()).toEqual([...ids, 'shared'].sort());
});

test('a preset has the config of the one that it extends, and its own changes', () => {
  expect(presetsOf('sasrec')['original-sparse'].config).toMatchObject({
    maxLength: 50,
    heads: 1,
    loss: 'bce',
  });
  expect(presetsOf('sasrec')['ml-1m-large'].config).toMatchObject({ protocol: 'paper', dim: 50, blocks: 8 });
});

test('a key by its former name is the key', () => {
  expect(resolveConfig('sasrec', { overrides: { leastEpochSteps: 40 } })).toMatchObject({
    minEpochSteps: 40,
  });
});
