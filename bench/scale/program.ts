/** The program itself on a home: its hub and its analyst, asked as a window asks them, and the most memory of each. */
import { readdirSync, readFileSync } from 'node:fs';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ApiClient } from '../../src/core/api/contract.ts';
import { connect, enter } from '../../test/desktop/as-browsers-do.ts';
import { startShell } from '../shell.ts';
import type { Measure } from './measures.ts';
import { by, COLUMNS, METRICS, table, WORDS } from './table-queries.ts';

/** `use` gets a client of the server, and its process id. */
async function serving<T>(home: string, use: (client: ApiClient, pid: number) => Promise<T>): Promise<T> {
  const shell = await startShell(home);
  try {
    const port = Number(new URL(shell.url).port);
    const { base, cookie } = await enter(port, shell.url);
    const socket = connect(port, `${base}api`, { cookie });
    const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
    const result = await use(createORPCClient<ApiClient>(link), shell.pid);
    socket.terminate();
    return result;
  } finally {
    await shell.stop();
  }
}

/** The first page, sorted and filtered, with what stands beside it, the leaderboards of the data sets, and the models. */
async function asAWindow(client: ApiClient): Promise<void> {
  const page = async (changes: object) => {
    await client.runs.table(table(changes));
    await client.runs.places(table(changes));
  };
  await client.runs.totals();
  await page(by('createdAt'));
  await client.runs.fields();
  for (const column of COLUMNS) await page(by(column));
  for (const metric of METRICS) await page(by(`metric:${metric}`));
  for (const search of WORDS) await page({ ...by('metric:test/ndcg@10'), search });
  const datasets = await client.datasets.list();
  await client.compare.leaderboards({ datasets: datasets.map(({ name }) => name) });
  // Of the analyst, which has no table of its own.
  await client.models.list();
}

const statusOf = (pid: number, key: string): string =>
  new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';

/** Of Linux. */
function descendants(pid: number): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const children = all.filter((one) => {
    try {
      return Number(statusOf(one, 'PPid')) === pid;
    } catch {
      // It has ended.
      return false;
    }
  });
  return children.flatMap((one) => [one, ...descendants(one)]);
}

export async function measureProgram(home: string): Promise<Measure[]> {
  return serving(home, async (client, pid) => {
    await asAWindow(client);
    const memory = [pid, ...descendants(pid)].map((one): Measure => {
      const command = readFileSync(`/proc/${one}/cmdline`, 'utf8');
      const what = one === pid ? 'hub' : (/(\w+)\.[mc]?[jt]s\0/.exec(command)?.[1] ?? command);
      return { what, value: Math.round(Number(statusOf(one, 'VmHWM')) / 1024), unit: 'MiB' };
    });
    const total = memory.reduce((sum, { value }) => sum + value, 0);
    return [...memory, { what: 'all of them together', value: total, unit: 'MiB', most: 600 }];
  });
}
