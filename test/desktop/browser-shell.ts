import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { ApiClient } from '../../src/core/api/contract.ts';
import { serve } from '../../src/main/browser/server.ts';
import type { Environment } from '../../src/main/data-folder/choice.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import type { Hub } from '../../src/main/hub/hub.ts';
import { HubSwitch } from '../../src/main/hub/hub-switch.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';
import { temporaryHome } from '../store/home.ts';

export interface TestShell {
  hubSwitch: HubSwitch;
  /** Where a choice of the data folder is remembered. */
  environment: Environment;
  /** The first hub that was open. */
  hub: Hub;
  port: number;
  /** A link that was not used yet. */
  link: string;
  /** The path of the window, with a slash at both ends. */
  base: string;
  cookie: string;
  client: ApiClient;
  window: string;
}

/** A browser shell on a home of its own, with the fake trainer and a window of one page. */
export async function startShell(home = temporaryHome()): Promise<TestShell> {
  const window = join(home, 'window');
  mkdirSync(join(window, 'assets'), { recursive: true });
  writeFileSync(join(window, 'index.html'), '<!doctype html><title>window</title>');
  writeFileSync(join(window, 'assets', 'a.js'), 'export {};');
  writeFileSync(join(home, 'secret.html'), 'secret');
  const launch = forkLauncher();
  const host = new LocalExecutor(undefined, { entry: join(import.meta.dirname, '../store/fake-trainer.ts') });
  const environment: Environment = { env: {}, platform: process.platform, userFolder: join(home, 'user') };
  const hubSwitch = new HubSwitch({ home, source: 'option', environment, shell: 'browser', launch, host });
  const shell = await serve(hubSwitch, { port: 0, window });
  const { base, cookie } = await enter(shell.port, shell.link());
  const socket = connect(shell.port, `${base}api`, { cookie });
  onTestFinished(async () => {
    socket.terminate();
    await shell.close();
    await hubSwitch.close();
  });
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
  return {
    hubSwitch,
    environment,
    hub: hubSwitch.hub,
    port: shell.port,
    link: shell.link(),
    base,
    cookie,
    client: createORPCClient(link),
    window,
  };
}

/** Opens a link as a browser does. */
export async function enter(port: number, link: string): Promise<{ base: string; cookie: string }> {
  const { headers, body } = await get(port, new URL(link).pathname + new URL(link).search);
  const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0];
  return { cookie, base: /url=([^"]+)/.exec(body)?.[1] ?? '' };
}

export function connect(
  port: number,
  path: string,
  headers: Record<string, string>,
  origin = `http://127.0.0.1:${port}`,
) {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, origin });
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Plain HTTP, with any Host and Origin, and paths that are sent as they are. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}
