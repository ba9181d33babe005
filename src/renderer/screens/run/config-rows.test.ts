import { expect, it } from 'vitest';
import type { ModelInfo } from '../../../core/api/models.ts';
import { nearestReference, referencesOf, settingsBeside } from './config-rows.ts';

const MODEL: Pick<ModelInfo, 'configSchema' | 'presets'> = {
  configSchema: {
    type: 'object',
    properties: {
      dim: { type: 'integer', default: 64 },
      dropout: { type: 'number', default: 0.2 },
      loss: { type: 'string', default: 'softmax' },
    },
  },
  presets: { wide: { description: '', config: { dim: 256, dropout: 0.5 } } },
};

it('finds the preset a config comes from, and what was changed of it', () => {
  const references = referencesOf(MODEL);
  const config = { dim: 256, dropout: 0.5, loss: 'bce', extra: { depth: 2 } };
  const nearest = nearestReference(config, references);
  expect(nearest?.id).toBe('wide');
  expect(nearestReference({ dim: 64, dropout: 0.2, loss: 'softmax' }, references)?.id).toBe('');
  const rows = settingsBeside(config, nearest, MODEL.configSchema);
  const different = rows.filter(({ differs }) => differs);
  expect(rows.slice(0, 2)).toEqual(different);
  expect(different.map(({ key, values }) => [key, ...values])).toEqual([
    ['loss', 'bce', 'softmax'],
    ['extra.depth', '2', null],
  ]);
});
