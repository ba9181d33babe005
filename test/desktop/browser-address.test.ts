/** The address of a home's window, and what lets a browser in, from session to session. */
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { expect, it, onTestFinished } from 'vitest';
import type { ApiClient } from '../../src/core/api/contract.ts';
import { ownIdentity } from '../../src/core/process-identity.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { Store } from '../../src/core/store/store.ts';
import { Address, newSecrets } from '../../src/main/browser/address.ts';
import { serve } from '../../src/main/browser/server.ts';
import type { Environment } from '../../src/main/data-folder/choice.ts';
import { HubSwitch } from '../../src/main/hub/hub-switch.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';
import { asProcess } from '../store/as-process.ts';
import { temporaryHome } from '../store/home.ts';
import { connect, enter, get } from './as-browsers-do.ts';

const secrets = newSecrets();

/** What a session of a home finds of the one before. */
function session(home: string, userFolder: string, write: { port: number } | null = null) {
  const store = openStore(home);
  const environment = { env: {}, platform: 'linux', userFolder } as const;
  const address = new Address(store, environment);
  const found = address.read();
  if (write) address.write(write.port, secrets);
  address.close();
  store.close();
  return found;
}

function written() {
  const [home, user] = [temporaryHome(), temporaryHome()];
  expect(session(home, user, { port: 4321 })).toBeNull();
  const folder = join(user, '.config', 'tessera', 'windows');
  const [name] = readdirSync(folder);
  return { home, user, folder, file: join(folder, name), again: (at = home) => session(at, user) };
}

it("is kept in the user's own folder, for nobody else to read, and not in the home", () => {
  const { home, file, folder, again } = written();
  expect(again()).toMatchObject({ port: 4321, ...secrets });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const inHome = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const { parentPath, name } of inHome)
    expect(readFileSync(join(parentPath, name)).includes(secrets.session)).toBe(false);
});

it.each<[string, (file: string) => void]>([
  ['is damaged', (file) => writeFileSync(file, '{"port": 43')],
  [
    'has no secret that cannot be guessed',
    (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(secrets.session, 'x')),
  ],
  ['has no port', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('4321', '0'))],
  ['can be read by others', (file) => chmodSync(file, 0o644)],
  ['can be written by a group', (file) => chmodSync(file, 0o620)],
  [
    'is a link to another one',
    (file) => {
      renameSync(file, `${file}.there`);
      symlinkSync(`${file}.there`, file);
    },
  ],
])('is made anew where its file %s, and the file is whole then', (_, spoil) => {
  const { home, user, file, again } = written();
  spoil(file);
  expect(again()).toBeNull();
  session(home, user, { port: 5000 });
  expect(again()?.port).toBe(5000);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.runIf(process.getuid?.() === 0)("is made anew where its file is another user's", () => {
  const { file, again } = written();
  chownSync(file, 65_534, 65_534);
  expect(again()).toBeNull();
});

it('moves with its home, is of no copy, and of no other home at its place', () => {
  const { home, again } = written();
  const other = temporaryHome();
  expect(again(other)).toBeNull();
  const moved = join(temporaryHome(), 'moved');
  renameSync(home, moved);
  expect(again(moved)).toMatchObject({ port: 4321, ...secrets });
  // What is at its place now is another home.
  expect(again(home)).toBeNull();
});

it('is kept by one of the processes that serve a home', () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  const environment = { env: {}, platform: 'linux', userFolder: user } as const;
  const one = openStore(home);
  // As it is for a process of another start.
  const other = new Store(home, openConnection(home), asProcess({ ...ownIdentity(), startTime: 'later' }));
  onTestFinished(() => {
    for (const store of [one, other]) store.close();
  });
  const first = new Address(one, environment);
  first.write(4321, secrets);
  expect(first.isKept).toBe(true);
  const second = new Address(other, environment);
  expect([second.isKept, second.read()]).toEqual([false, null]);
  second.write(1234, newSecrets());
  first.close();
  expect(session(home, user)?.port).toBe(4321);
});

it('is good for a session alone where nothing can be written', () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  writeFileSync(join(user, '.config'), 'a file');
  expect(session(home, user, { port: 4321 })).toBeNull();
  expect(session(home, user)).toBeNull();
});

/** Serves a home for a session, in which `act` gets what a browser of the session has. */
async function serving(
  home: string,
  userFolder: string,
  act: (shell: { port: number; base: string; cookie: string; hubSwitch: HubSwitch }) => Promise<void>,
  port?: number,
): Promise<void> {
  const window = join(userFolder, 'window');
  mkdirSync(window, { recursive: true });
  writeFileSync(join(window, 'index.html'), '<!doctype html><title>window</title>');
  const environment: Environment = { env: {}, platform: 'linux', userFolder };
  const launch = forkLauncher();
  const hubSwitch = new HubSwitch({ home, source: 'option', environment, shell: 'browser', launch });
  const shell = await serve(hubSwitch, { port, environment, window });
  try {
    await act({ port: shell.port, ...(await enter(shell.port, shell.link())), hubSwitch });
  } finally {
    await shell.close();
    await hubSwitch.close();
  }
}

const statusOf = async (port: number, path: string, headers: Record<string, string>) =>
  (await get(port, path, headers)).status;

it('lets a browser in that an earlier session has let in, by the same address, and nobody else', async () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  let [port, base, cookie] = [0, '', ''];
  await serving(home, user, async (first) => {
    ({ port, base, cookie } = first);
  });
  await serving(home, user, async (second) => {
    expect([second.port, second.base, second.cookie]).toEqual([port, base, cookie]);
    expect(await statusOf(port, base, { cookie })).toBe(200);
    expect(await statusOf(port, base, {})).toBe(401);
    expect(await statusOf(port, base, { cookie: `${cookie}x` })).toBe(401);
    expect(await statusOf(port, base, { cookie, host: 'evil.example' })).toBe(403);
    expect(await statusOf(port, base, { cookie, origin: 'http://evil.example' })).toBe(403);
  });
  // Another port that was asked for is as good.
  const other = await freePort();
  await serving(
    home,
    user,
    async (third) => {
      expect(third.port).toBe(other);
      expect(await statusOf(other, base, { cookie })).toBe(200);
    },
    other,
  );
});

it('has another address, and lets no browser in that may have shown its cookie, where its port is taken', async () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  let [port, base, cookie] = [0, '', ''];
  await serving(home, user, async (first) => {
    ({ port, base, cookie } = first);
  });
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
  await serving(home, user, async (second) => {
    expect(second.port).not.toBe(port);
    expect(await statusOf(second.port, base, { cookie })).toBe(401);
    port = second.port;
  });
  await new Promise((resolve) => stranger.close(resolve));
  await serving(home, user, async (third) => expect(third.port).toBe(port));
});

it('keeps its windows where another data folder is opened, which is served next', async () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  const other = join(temporaryHome(), 'other');
  let [port, base, cookie] = [0, '', ''];
  await serving(home, user, async ({ hubSwitch, ...first }) => {
    ({ port, base, cookie } = first);
    await hubSwitch.change(other);
  });
  await serving(other, user, async (second) => {
    expect(second.port).toBe(port);
    expect(await statusOf(port, base, { cookie })).toBe(200);
  });
});

it('is renewed by a window, which goes on by a new link while all others are locked out', async () => {
  const [home, user] = [temporaryHome(), temporaryHome()];
  let kept = { base: '', cookie: '' };
  await serving(home, user, async ({ port, base, cookie }) => {
    const [mine, theirs] = [connect(port, `${base}api`, { cookie }), connect(port, `${base}api`, { cookie })];
    const closed = once(theirs, 'close');
    await Promise.all([once(mine, 'open'), once(theirs, 'open')]);
    const link = new RPCLink({ websocket: mine as unknown as globalThis.WebSocket });
    const client: ApiClient = createORPCClient(link);
    const renewed = await client.settings.renewLink();
    await closed;
    expect(await statusOf(port, base, { cookie })).toBe(401);
    kept = await enter(port, renewed.link);
    expect(await statusOf(port, kept.base, { cookie: kept.cookie })).toBe(200);
    mine.terminate();
  });
  await serving(home, user, async ({ port }) =>
    expect(await statusOf(port, kept.base, { cookie: kept.cookie })).toBe(200),
  );
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
