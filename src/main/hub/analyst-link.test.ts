import { expect, it } from 'vitest';
import { contract } from '../../core/api/contract.ts';
import { UserError } from '../../core/errors.ts';
import { readingOnly } from '../../core/files/readable.ts';
import type { LaunchWorker, WorkerListeners } from '../workers/launch.ts';
import { AnalystLink } from './analyst-link.ts';
import { router } from './router.ts';

/** A link to a process that records what it is sent and answers by hand. */
function linkToRecorder(onDeed?: (input: unknown) => void) {
  const sent: Record<string, unknown>[] = [];
  const processes: WorkerListeners[] = [];
  const launch: LaunchWorker = (_entry, listeners) => {
    processes.push(listeners);
    return { send: (message) => sent.push(message as Record<string, unknown>), kill: () => {} };
  };
  const link = new AnalystLink(launch, () => ({ home: '/home', threads: 2 }), { onDeed });
  return { link, sent, reply: (message: unknown) => processes[0].message(message) };
}

it('a call carries its path, its input and the home; its answer and its error come back', async () => {
  const { link, sent, reply } = linkToRecorder();
  const answer = link.call(['codebooks', 'facts'], { run: 'r' }, {});
  expect(sent).toEqual([
    {
      type: 'call',
      id: 1,
      input: {
        path: ['codebooks', 'facts'],
        input: { run: 'r' },
        context: { home: '/home', threads: 2, readable: null },
      },
    },
  ]);
  reply({ type: 'done', id: 1, value: { levels: 3 } });
  expect(await answer).toEqual({ levels: 3 });
  void readingOnly(['/drops'], () => link.call(['codebooks', 'facts'], { run: 'r' }, {}));
  expect(sent.at(-1)).toMatchObject({ input: { context: { readable: ['/drops'] } } });
  reply({ type: 'done', id: 2, value: null });
  const failed = link.call(['codebooks', 'facts'], { run: 'r' }, {});
  reply({ type: 'failed', id: 3, name: 'UserError', message: 'there is no run r', stack: '' });
  await expect(failed).rejects.toThrow(new UserError('there is no run r'));
});

it('a procedure with progress is an iterator, and its signal reaches the analyst', async () => {
  const { link, sent, reply } = linkToRecorder();
  const abort = new AbortController();
  const steps = (await link.call(['compare', 'table'], {}, { signal: abort.signal })) as AsyncGenerator;
  const first = steps.next();
  reply({ type: 'progress', id: 1, value: { done: 1 } });
  expect(await first).toEqual({ done: false, value: { done: 1 } });
  const second = steps.next();
  abort.abort();
  expect(sent.at(-1)).toEqual({ type: 'cancel', id: 1 });
  reply({ type: 'failed', id: 1, name: 'CancelledError', message: 'cancelled', stack: '' });
  await expect(second).rejects.toThrow('cancelled');
});

it('what the analyst did is told once it is done, and no question that it answered', async () => {
  const done: unknown[] = [];
  const { link, reply } = linkToRecorder((input) => done.push(input));
  const answer = link.call(['codebooks', 'facts'], { run: 'r' }, {});
  reply({ type: 'done', id: 1, value: {} });
  await answer;
  const steps = (await link.call(['language', 'evaluate'], { run: 'r' }, {})) as AsyncGenerator;
  const end = steps.next();
  expect(done).toEqual([]);
  reply({ type: 'done', id: 2, value: {} });
  await end;
  expect(done).toEqual([{ run: 'r' }]);
});

it('every procedure of the contract is answered, or forwarded', () => {
  const pathsOf = (tree: object) =>
    Object.entries(tree).flatMap(([area, part]) => Object.keys(part).map((name) => `${area}.${name}`));
  expect(pathsOf(router)).toEqual(pathsOf(contract));
});
