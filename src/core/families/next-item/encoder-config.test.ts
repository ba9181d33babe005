import { expect, it } from 'vitest';
import { resolveConfig } from '../registry.ts';
import { buildTrained } from './next-item-models.ts';

const given = (model: string, stochasticLength: unknown) =>
  resolveConfig(model, { overrides: { stochasticLength } });

it('takes an α of Stochastic Length above 1, or 0, and hands it to training alone', () => {
  for (const alpha of [0, 1.01, 1.6, 2]) {
    const { batches } = buildTrained('hstu', given('hstu', alpha), { users: 3, items: 5 });
    expect(batches).toMatchObject({ kind: 'sequences', stochasticLength: alpha, maxLength: 50 });
  }
  for (const alpha of [0.5, 1]) expect(() => given('sasrec', alpha)).toThrow('above 1 and at most 2');
  for (const alpha of [-1, 2.1, Number.NaN, '1.6', null]) {
    expect(() => given('sasrec', alpha)).toThrow(/"stochasticLength"/);
  }
  // A model that sees both sides, and one that is trained on prefixes, have no such setting.
  for (const model of ['bert4rec', 'gru4rec']) expect(() => given(model, 1.6)).toThrow(/stochasticLength/);
});
