import { ORPCError } from '@orpc/server';
import { describe, expect, it } from 'vitest';
import { errorDetailsSchema, USER_ERROR } from '../../core/api/contract.ts';
import { CancelledError, composeMessage, type ErrorDetails, UserError } from '../../core/errors.ts';
import { errorText } from '../cli/errors.ts';
import { CallClient } from '../workers/calls.ts';
import type { LaunchWorker, WorkerListeners } from '../workers/launch.ts';
import { type SentError, sentError } from '../workers/sent-error.ts';
import { classifyExit } from '../workers/worker-exit.ts';
import { withApiErrors } from './api-errors.ts';

const cases: { title: string; error: string | ErrorDetails; cli: string; window: string }[] = [
  { title: 'a problem alone', error: 'a.csv: empty', cli: 'a.csv: empty', window: 'a.csv: empty' },
  {
    title: 'a fix for both audiences, and what was kept',
    error: { code: 'invalid', problem: 'no room', kept: 'nothing was lost', fix: 'free some' },
    cli: 'no room; nothing was lost; free some',
    window: 'no room; nothing was lost; free some',
  },
  {
    title: 'a fix for each audience',
    error: { code: 'bad-rows', problem: 'a.csv:2: bad', fix: { cli: 'say --skip', window: 'tick "Skip"' } },
    cli: 'a.csv:2: bad; say --skip',
    window: 'a.csv:2: bad; tick "Skip"',
  },
  {
    title: 'a fix that the window has no use for',
    error: { code: 'unknown-run', problem: 'there is no run x', fix: { cli: '"runs list" shows them' } },
    cli: 'there is no run x; "runs list" shows them',
    window: 'there is no run x',
  },
  {
    title: 'a key of a config',
    error: { code: 'bad-config', model: 'sasrec', field: 'epochs', problem: 'too few' },
    cli: 'sasrec config "epochs": too few',
    window: 'sasrec config "epochs": too few',
  },
];

/** As a worker's message channel delivers it. */
const overTheChannel = (error: unknown): SentError => JSON.parse(JSON.stringify(sentError(error)));

/** What the window gets where a worker fails a call of the hub's. */
async function inTheWindow(thrown: Error): Promise<unknown> {
  let listeners: WorkerListeners | undefined;
  const launch: LaunchWorker = (_, given) => {
    listeners = given;
    return {
      kill: () => {},
      send: (message) => {
        const { id } = message as { id: number };
        listeners?.message({ type: 'failed', id, ...overTheChannel(thrown) });
      },
    };
  };
  const client = new CallClient<null, never, null>(launch, 'worker.js', 'the worker');
  const failure = await withApiErrors({ next: () => client.call(null) }).catch((error) => error);
  if (!(failure instanceof ORPCError)) throw failure;
  return JSON.parse(JSON.stringify(failure.toJSON()));
}

describe('the details of an error', () => {
  it.each(cases)('$title: composed for each audience, and whole from a worker to the window', async (row) => {
    const error = new UserError(row.error);
    expect(error.message).toBe(row.cli);
    expect(errorText(error, false)).toBe(`tessera: ${row.cli}`);
    const answer = await inTheWindow(error);
    expect(answer).toMatchObject({ code: USER_ERROR, status: 422, message: row.window });
    const details = errorDetailsSchema.parse((answer as { data: unknown }).data);
    expect(details).toEqual(error.details);
    expect(composeMessage(details, 'window')).toBe(row.window);
  });

  it.each(cases)('$title: kept of a trainer that failed, and stored as the window says it', (row) => {
    const error = new UserError(row.error);
    const evidence = { code: 1, signal: null, result: null, cancelRequested: false, killedBecause: null };
    const exit = classifyExit({ ...evidence, stderr: '', error: overTheChannel(error) });
    expect(exit).toEqual({ kind: 'failed', message: row.window, log: null, details: error.details });
  });

  it('are not made up for what is a defect or was cancelled', async () => {
    const defect = await inTheWindow(new TypeError('x is not a function'));
    expect(defect).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(errorDetailsSchema.safeParse((defect as { data?: unknown }).data).success).toBe(false);
    expect(await inTheWindow(new CancelledError())).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});

it('a worker that dies under a call is quoted where it says why, and not where its stack ends', async () => {
  let listeners: WorkerListeners | undefined;
  const launch: LaunchWorker = (_, given) => {
    listeners = given;
    return { kill: () => {}, send: () => {} };
  };
  const client = new CallClient<null, never, null>(launch, 'worker.js', 'the worker');
  const answer = client.call(null).catch((error) => error);
  listeners?.stderr('FATAL ERROR: Allocation failed - JavaScript heap out of memory\n 1: 0x931db0 [node]\n');
  listeners?.end(null, 'SIGABRT');
  expect((await answer).message).toMatch(/\(SIGABRT\): FATAL ERROR: .* heap out of memory; try again$/);
});
