/**
 * The first minutes: from the process to the window's first answer, from the queue to a run's first step with a named
 * device, and what hub and analyst hold after one comparison. Milliseconds (median and fastest of five) and MiB of resident
 * memory. Linux. Prints one line of JSON.
 *
 * usage: node bench/first-minutes.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import type { ApiClient } from '../src/core/api/contract.ts';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { openPage } from '../src/main/cli/self-test.ts';
import { median } from './median.ts';
import { startShell } from './shell.ts';

const TIMES = 5;
const CLI = join(import.meta.dirname, '../src/main/cli/main.mjs');
const home = mkdtempSync(join(tmpdir(), 'tessera-first-minutes-'));
const tessera = (...args: string[]) =>
  execFileSync(process.execPath, [CLI, '--home', home, '--json', ...args], { stdio: 'pipe' });

/** Resident memory of a process, in MiB. */
function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

async function open() {
  const begun = performance.now();
  const shell = await startShell(home);
  const listening = performance.now() - begun;
  const page = await openPage(shell.url);
  const client: ApiClient = createORPCClient(page.link);
  const close = async () => {
    page.close();
    await shell.stop();
  };
  return { client, shell, begun, listening, close };
}

async function coldStart(): Promise<{ listening: number; answered: number }> {
  const { client, begun, listening, close } = await open();
  await client.runs.table({});
  const answered = performance.now() - begun;
  await close();
  return { listening, answered };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** From the queue to the first step that a run reports, once. */
async function firstStep({ client }: Opened): Promise<number> {
  const events = await client.events();
  const begun = performance.now();
  const request = {
    dataset: 'club',
    model: 'sasrec',
    seeds: [1],
    device: 'cpu' as const,
    overrides: { epochs: 1 },
  };
  await client.queue.enqueue({ requests: [request] });
  let took = Number.NaN;
  for await (const event of events) {
    if (event.type === 'progress' && event.progress !== null && Number.isNaN(took))
      took = performance.now() - begun;
    if (event.type === 'run' && (await client.queue.show()).running.length === 0) return took;
  }
  return took;
}

async function compared({ client, shell }: Opened): Promise<Record<string, number>> {
  const { rows } = await client.runs.table({});
  const ids = rows.slice(0, 2).map(({ id }) => id);
  for await (const _step of await client.compare.table({ runs: ids, baseline: ids[0] }));
  const [hub, ...rest] = [shell.pid, ...childrenOf(shell.pid)].map(residentOf);
  const analyst = rest.reduce((sum, mib) => sum + mib, 0);
  return {
    hub: Math.round(hub),
    analyst: Math.round(analyst),
    processes: rest.length,
    sum: Math.round(hub + analyst),
  };
}

const spread = (times: number[]) => ({
  median: Math.round(median(times)),
  fastest: Math.round(Math.min(...times)),
});

try {
  tessera(
    'datasets',
    'import',
    ...writeSample(join(home, 'sample'), { users: 200, items: 120 }),
    '--name',
    'club',
  );
  for (const model of ['popularity', 'itemknn']) tessera('train', '--dataset', 'club', '--model', model);
  const starts = [];
  for (let turn = 0; turn < TIMES; turn++) starts.push(await coldStart());
  const opened = await open();
  const memory = await compared(opened);
  const steps = [];
  for (let turn = 0; turn < TIMES; turn++) steps.push(await firstStep(opened));
  await opened.close();
  console.log(
    JSON.stringify({
      listening: spread(starts.map(({ listening }) => listening)),
      firstAnswer: spread(starts.map(({ answered }) => answered)),
      firstStep: spread(steps),
      memory,
    }),
  );
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
