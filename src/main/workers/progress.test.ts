import { expect, it } from 'vitest';
import { readableFolders, readingOnly } from '../../core/files/readable.ts';
import { withProgress } from './progress.ts';

interface Step {
  done: number;
  table?: string;
}

it('a slow reader misses steps in between, but nothing that only they said', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let report = (_: Step) => {};
  const steps = withProgress<Step, string>((onProgress) => {
    report = onProgress;
    return promise;
  });
  const first = steps.next();
  report({ done: 0, table: 'early' });
  report({ done: 1 });
  expect(await first).toEqual({ done: false, value: { done: 1, table: 'early' } });
  report({ done: 2 });
  report({ done: 3 });
  expect(await steps.next()).toEqual({ done: false, value: { done: 3 } });
  resolve('answer');
  expect(await steps.next()).toEqual({ done: true, value: 'answer' });
});

it('work may read what its caller may, whoever asks for its progress', async () => {
  const steps = readingOnly(['/dropped'], () => withProgress(async () => readableFolders()));
  expect(await steps.next()).toEqual({ done: true, value: ['/dropped'] });
});
