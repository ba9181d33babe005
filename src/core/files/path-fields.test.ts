import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { findModel } from '../families/registry.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { pathsIn } from './path-fields.ts';

it('finds the files of a config and names them from a folder on, and nothing else', () => {
  const { configSchema } = findModel('brew');
  const config = { weights: 'model.gguf', adapter: '/models/adapter', tokenizer: '', template: 'titles' };
  expect(pathsIn(configSchema, config)).toEqual(['model.gguf', '/models/adapter']);
  expect(withAbsolutePaths(configSchema, config, '/plans')).toEqual({
    ...config,
    weights: resolve('/plans/model.gguf'),
    adapter: resolve('/models/adapter'),
  });
  expect(withAbsolutePaths(configSchema, config).weights).toBe(resolve('model.gguf'));
});
