import { expect, it } from 'vitest';
import { temporaryStore } from '../../../test/store/home.ts';
import { importRequestSchema, parseImportInput } from '../../core/data/import/request.ts';
import { ImportService } from './imports.ts';

it('refuses more imports at once than the memory is good for, until one has ended', async () => {
  const ended: ((code: number) => void)[] = [];
  const launch = (_entry: string, listeners: { end(code: number | null, signal: null): void }) => {
    ended.push((code) => listeners.end(code, null));
    return { send: () => {}, kill: () => {} };
  };
  const imports = new ImportService(temporaryStore(), launch as never, () => {});
  const request = parseImportInput(importRequestSchema, { paths: ['a.csv'] });
  const start = (name: string) => imports.start(request, name, async () => {});
  for (const name of ['a', 'b', 'c', 'd']) start(name);
  expect(() => start('e')).toThrow(/^4 imports are running: wait until one has ended, or cancel one$/);
  ended[0](1);
  await expect.poll(() => imports.list().filter(({ status }) => status === 'running')).toHaveLength(3);
  expect(start('e').status).toBe('running');
});
