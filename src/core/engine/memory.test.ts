import { expect, it } from 'vitest';
import { free } from '../../../test/engine/memory-limits.ts';
import { requireStateMemory } from './memory.ts';

it('a model that cannot fit is refused before anything of it is made', () => {
  const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const parameters = { w: spec(1000, 1000) };
  const moments = { m: spec(1000, 1000), v: spec(1000, 1000) };
  expect(() => requireStateMemory(parameters, moments, free(24e6))).not.toThrow();
  expect(() => requireStateMemory(parameters, moments, free(24e6 - 1))).toThrow(
    /^the model has 1 million parameters and takes 0\.0 GiB .* make it narrower or shallower$/,
  );
  expect(() => requireStateMemory({ w: spec(1e9, 1e9) }, {})).toThrow(/1,000,000,000,000 million/);
});
