import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { onTestFinished } from 'vitest';
import type { ApiClient } from '../../src/core/api/contract.ts';
import { serve } from '../../src/main/browser/server.ts';
import type { Environment } from '../../src/main/data-folder/choice.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import type { Hub } from '../../src/main/hub/hub.ts';
import { HubSwitch } from '../../src/main/hub/hub-switch.ts';
import { forkLauncher, type LaunchWorker } from '../../src/main/workers/launch.ts';
import { temporaryHome } from '../store/home.ts';
import { connect, enter } from './as-browsers-do.ts';

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

/** A browser shell on a home of its own, with the fake trainer and a window of one page; `onStart` hears of each process. */
export async function startShell(
  home = temporaryHome(),
  onStart: (entry: string) => void = () => {},
): Promise<TestShell> {
  const window = join(home, 'window');
  mkdirSync(join(window, 'assets'), { recursive: true });
  writeFileSync(join(window, 'index.html'), '<!doctype html><title>window</title>');
  writeFileSync(join(window, 'assets', 'a.js'), 'export {};');
  writeFileSync(join(home, 'secret.html'), 'secret');
  const fork = forkLauncher();
  const launch: LaunchWorker = (entry, listeners) => {
    onStart(entry);
    return fork(entry, listeners);
  };
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
