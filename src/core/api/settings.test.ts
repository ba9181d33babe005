import { expect, it } from 'vitest';
import { settingsChanges, settingsSchema } from './settings.ts';

it('a change of settings says nothing of those it leaves alone', () => {
  const changes = [{ theme: 'dark' }, { device: 'cpu' }, { threads: null }, { slots: { cpu: 0 } }, {}];
  for (const change of changes) expect(settingsChanges.parse(change)).toEqual(change);
  expect(Object.keys(settingsChanges.shape)).toEqual(Object.keys(settingsSchema.parse({})));
  expect(() => settingsChanges.parse({ threads: 0 })).toThrow();
});
