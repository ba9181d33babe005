/** `tessera --self-test`: the browser shell tries itself on a temporary home. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import { builtPageFolder } from '../browser/build-window.ts';
import { serve } from '../browser/server.ts';
import { currentEnvironment } from '../data-folder/choice.ts';
import { openHub } from '../hub/open-hub.ts';
import { runSelfTest, type TestedShell } from '../self-test/self-test.ts';
import { forkLauncher } from '../workers/launch.ts';
import { print } from './context.ts';

/** Prints a line a step. Returns the exit code. */
export async function selfTest(): Promise<number> {
  const folder = mkdtempSync(join(os.tmpdir(), 'tessera-self-test-'));
  try {
    const window = await builtPageFolder((line) => process.stderr.write(`tessera: ${line}\n`));
    const hubSwitch = await openHub({
      home: join(folder, 'home'),
      source: 'option',
      environment: currentEnvironment(),
      shell: 'browser',
      launch: forkLauncher(),
      onUpdate: () => {},
    });
    let passed = false;
    try {
      const browser = await serve(hubSwitch, { port: 0, window });
      hubSwitch.start();
      const page = await openPage(browser.link());
      const shown = async () => `a page of ${page.characters} characters with ${page.scripts} scripts`;
      const shell: TestedShell = { client: createORPCClient(page.link), window: shown, printPdf: null };
      passed = await runSelfTest(shell, print);
      page.close();
      await browser.close();
    } finally {
      await hubSwitch.close();
    }
    if (passed) print('ok    quit: every process has ended');
    return passed ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Opens a link as a browser does, fetches what its page loads, and connects to the api. */
export async function openPage(link: string) {
  const entered = await fetch(link);
  const cookie = entered.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const base = new URL(/url=([^"]+)/.exec(await entered.text())?.[1] ?? '', link);
  const get = async (path: string | URL) => {
    const answer = await fetch(new URL(path, base), { headers: { cookie } });
    if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}`);
    return answer.text();
  };
  const page = await get(base);
  const scripts = [...page.matchAll(/<script[^>]+src="([^"]+)"/g)].map(([, path]) => path);
  for (const script of scripts) await get(script);
  const address = new URL('api', base);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, { headers: { cookie }, origin: base.origin });
  return {
    characters: page.length,
    scripts: scripts.length,
    link: new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    close: () => socket.terminate(),
  };
}
