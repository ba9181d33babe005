import { expect, test } from 'vitest';
import { ProgramCache } from './program-cache.ts';
import type { DeviceContext, Program } from './types.ts';

const program = (name: string): Program => ({
  name,
  state: {},
  inputs: {},
  run: () => ({ state: {}, outputs: {} }),
});

test('a program is compiled once a key, tried again after a failure, and released once', async () => {
  const log: string[] = [];
  let failing = true;
  const device = {
    compile: async ({ name }: Program) => {
      if (name === 'bad' && failing) throw new Error('no memory');
      log.push(`compile ${name}`);
      return { run: async () => ({}), release: async () => void log.push(`release ${name}`) };
    },
  } as unknown as DeviceContext;
  const cache = new ProgramCache(device);
  const [first, second] = await Promise.all([
    cache.get('a', () => program('a')),
    cache.get('a', () => program('a')),
  ]);
  expect(first).toBe(second);
  await expect(cache.get('bad', () => program('bad'))).rejects.toThrow('no memory');
  failing = false;
  await cache.get('bad', () => program('bad'));
  await cache.release();
  await cache.release();
  expect(log).toEqual(['compile a', 'compile bad', 'release a', 'release bad']);
  await cache.get('a', () => program('a'));
  expect(log.at(-1)).toBe('compile a');
});
