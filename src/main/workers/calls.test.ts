import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { CallClient } from './calls.ts';
import { forkLauncher } from './launch.ts';

/** The source of a worker: what it does with an input. */
function clientOf(work: string): CallClient<string, string, string> {
  const entry = join(temporaryHome(), 'worker.ts');
  const serve = pathToFileURL(join(import.meta.dirname, 'serve-calls.ts')).href;
  writeFileSync(entry, `import { serveCalls } from '${serve}';\nserveCalls(${work});\n`);
  const client = new CallClient<string, string, string>(forkLauncher(), entry, 'the worker');
  onTestFinished(() => client.stop());
  return client;
}

it('values come while a call works, then its output, each to its own call', async () => {
  const client = clientOf(
    "async (input, { onProgress }) => { for (const x of 'ab') await onProgress(input + x); return input + '!'; }",
  );
  const heard: string[] = [];
  const call = (input: string) => client.call(input, { onProgress: (value) => heard.push(value) });
  expect(await Promise.all([call('1'), call('2')])).toEqual(['1!', '2!']);
  expect(heard.toSorted()).toEqual(['1a', '1b', '2a', '2b']);
});

it('an output that no message can carry fails its call, and the worker goes on', async () => {
  const client = clientOf("(input) => (input === 'bad' ? () => {} : input)");
  await expect(client.call('bad')).rejects.toThrow(/^(?!the worker ended).* could not be cloned/);
  expect(await client.call('good')).toBe('good');
});

it('a call that is cancelled hears so by its signal', async () => {
  const client = clientOf(
    '(input, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped")))',
  );
  const abort = new AbortController();
  const answer = client.call('', { signal: abort.signal });
  abort.abort();
  expect(await answer).toBe('stopped');
});
