import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { findModel, resolveConfig } from '../families/registry.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { pathsIn } from './path-fields.ts';
import { mayRead, readingOnly } from './readable.ts';
import { withUserFolder } from './user-folder.ts';

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

it("takes a leading ~ for the user's own folder, before it asks whether a file may be read", () => {
  const { configSchema } = findModel('brew');
  const [typed, meant] = ['~/models/one.gguf', join(homedir(), 'models/one.gguf')];
  expect(resolveConfig('brew', { overrides: { weights: typed } }).weights).toBe(meant);
  expect(pathsIn(configSchema, { weights: typed })).toEqual([meant]);
  // Settings that are still as they were typed are named from a plan's folder on.
  expect(withAbsolutePaths(configSchema, { weights: typed }, '/plans').weights).toBe(meant);
  expect(resolveConfig('brew', { overrides: { weights: '~else/one.gguf' } }).weights).toBe('~else/one.gguf');
  expect(
    withAbsolutePaths(configSchema, { adapter: '~', tokenizer: '~else/a', template: '~/titles' }, '/plans'),
  ).toEqual({
    adapter: homedir(),
    tokenizer: resolve('/plans/~else/a'),
    template: '~/titles',
  });
  expect(withUserFolder('~/a', '/home/$&$1')).toBe('/home/$&$1/a');
});

it('lets nobody out of a folder by way of "~"', () => {
  const here = process.cwd();
  expect(readingOnly([here], () => ['a', '~a', '~', '~/a'].map(mayRead))).toEqual([true, true, false, false]);
  expect(readingOnly([homedir()], () => mayRead('~/a'))).toBe(true);
});
