import { expect, test } from 'vitest';
import { models } from '../../core/families/registry.ts';
import { modelInfo } from '../../main/analyst/model-info.ts';
import { helpOf, isRead, schemaFields } from './schema.ts';

test('a form shows the settings that the chosen loss and negatives read', () => {
  const sasrec = models.find(({ id }) => id === 'sasrec');
  const fields = sasrec ? schemaFields(modelInfo(sasrec).configSchema) : [];
  const hidden = (values: object) =>
    fields.filter((field) => !isRead(field, { ...values })).map(({ key }) => key);
  const ofSampled = ['calibration', 'buckets', 'bucketStates', 'bucketItems'];
  expect(hidden({ loss: 'sampled-softmax', negativeItems: 'mixed' })).toEqual(ofSampled);
  expect(hidden({ loss: 'sampled-softmax', negativeItems: 'any' })).toEqual([
    ...ofSampled,
    'negativeUniform',
  ]);
  expect(hidden({ loss: 'gbce' })).toEqual(
    expect.arrayContaining(['negativeSharing', 'targetAmongNegatives', 'logQ', 'buckets']),
  );
  expect(hidden({ loss: 'gbce' })).not.toContain('negatives');
  const [loss] = fields.filter(({ key }) => key === 'loss');
  expect(helpOf(loss, 'full-softmax')).toBe('What training minimises: softmax over all items');
  expect(helpOf(fields[0], '64')).toBe(fields[0].description);
});

test('every key that is read with another one names values that the other one has', () => {
  for (const model of models) {
    const fields = schemaFields(modelInfo(model).configSchema);
    for (const { key, readWith = {} } of fields)
      for (const [other, values] of Object.entries(readWith))
        expect(fields.find((field) => field.key === other)?.enum, `${model.id} ${key}`).toEqual(
          expect.arrayContaining(values),
        );
  }
});
