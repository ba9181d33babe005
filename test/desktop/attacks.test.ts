import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openInBrowser, pageFolder, writePage } from '../../src/main/browser/open-browser.ts';
import { temporaryHome } from '../store/home.ts';
import { connect, get } from './as-browsers-do.ts';
import { startShell, type TestShell } from './browser-shell.ts';

/** What the hub answers a window, which shows that it goes on. */
const goesOn = async ({ client }: TestShell) => expect(await client.datasets.list()).toEqual([]);

function raw(port: number, text: string): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}

const handshake = (port: number, path: string, more: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

describe('whoever can reach the port', () => {
  it('cannot end the shell by upgrades that are refused and reset', async () => {
    const shell = await startShell();
    const { port, base, cookie } = shell;
    const own = `Origin: http://127.0.0.1:${port}\r\n`;
    const texts = [
      handshake(port, '/api', ''),
      handshake(port, `${base}api`, own),
      handshake(port, `${base}nothing`, `${own}Cookie: ${cookie}\r\n`),
      // Let in, and gone at once; and a handshake that is none.
      handshake(port, `${base}api`, `${own}Cookie: ${cookie}\r\n`),
      handshake(port, `${base}api`, `${own}Cookie: ${cookie}\r\n`).replace(/Sec-WebSocket-Key.*\r\n/, ''),
    ];
    const attack = async (at: number) => {
      const socket = raw(port, texts[at % texts.length]);
      await Promise.race([once(socket, at % 3 === 0 ? 'data' : 'connect'), once(socket, 'close')]);
      socket.resetAndDestroy();
    };
    for (let at = 0; at < 3000; at += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, more) => attack(at + more)));
    }
    await goesOn(shell);
  });

  it('cannot keep it from its windows by sockets that send nothing, or slowly', async () => {
    const shell = await startShell();
    const sockets = Array.from({ length: 1000 }, (_, at) =>
      raw(shell.port, ['', 'G', 'GET / HTTP/1.1\r\nHost: x\r\n'][at % 3]),
    );
    onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    // A window that is open already.
    await goesOn(shell);
    const status = async () => (await get(shell.port, shell.base, { cookie: shell.cookie })).status;
    await expect.poll(status, { interval: 500 }).toBe(200);
  });
});

describe('connections without a session', () => {
  it('cannot take those that new windows need', async () => {
    const shell = await startShell();
    const icon = `GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:${shell.port}\r\nConnection: keep-alive\r\n\r\n`;
    const hold = async (time: number) => {
      const sockets = Array.from({ length: 300 }, () => raw(shell.port, time % 2 === 0 ? icon : ''));
      onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
      await Promise.all(sockets.map((socket) => once(socket, 'connect').catch(() => {})));
    };
    for (let time = 0; time < 5; time++) {
      await hold(time);
      expect((await get(shell.port, shell.base, { cookie: shell.cookie })).status).toBe(200);
    }
    await goesOn(shell);
    const foreign = await get(shell.port, '/favicon.ico', { host: `evil.example:${shell.port}` });
    expect(foreign.status).toBe(403);
  });

  it('are closed when none is shown in time, and one that has shown it may send for longer', async () => {
    const { port, base, cookie } = await startShell();
    const path = `${base}upload/aaaaaaaa-2222-4333-8444-555555555555?name=a.csv`;
    const upload = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers: { cookie },
      agent: false,
    });
    const answered = once(upload, 'response');
    upload.write('user,item\n');
    const socket = raw(port, '');
    await once(socket, 'connect');
    const began = Date.now();
    // One that asks, again and again, is answered without a session: there is no such file.
    const question = `GET // HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    const asking = raw(port, question);
    const again = setInterval(() => asking.write(question), 1000);
    const gone = (one: Socket) => new Promise((resolve) => one.once('close', resolve));
    await Promise.race([Promise.all([gone(asking), gone(socket)]), sleep(20_000)]);
    clearInterval(again);
    expect(asking.closed && socket.closed).toBe(true);
    expect(Date.now() - began).toBeLessThan(20_000);
    upload.end('1,2\n');
    expect(await answered).toMatchObject([{ statusCode: 201 }]);
  });
});

describe('a client that is logged in', () => {
  it('has only so many calls answered at once, a stream of events until it ends', async () => {
    const { client } = await startShell();
    expect(await client.datasets.list()).toEqual([]);
    const streams = await Promise.all(Array.from({ length: 512 }, () => client.events()));
    await expect(client.datasets.list()).rejects.toThrow('too many calls at once; try again');
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    await expect.poll(() => client.datasets.list().catch(() => null)).toEqual([]);
  });

  const frame = (first: number, payload: Uint8Array, mask = true) => {
    const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
    const head = [first, length[0] | (mask ? 0x80 : 0), ...length.slice(1), ...(mask ? [0, 0, 0, 0] : [])];
    return Buffer.concat([Buffer.from(head), payload]);
  };
  const text = Buffer.from('{}');
  const frames: [string, Buffer][] = [
    ['an unknown kind', frame(0x83, text)],
    ['reserved bits', frame(0xf1, text)],
    ['no mask', frame(0x81, text, false)],
    ['bytes that are no text', frame(0x81, Buffer.from([0xff, 0xfe]))],
    ['a fragment that continues nothing', frame(0x80, text)],
    ['a ping in fragments', frame(0x09, text)],
    ['a ping that is too long', frame(0x89, Buffer.alloc(200))],
    ['a close of one byte', frame(0x88, Buffer.from([3]))],
    ['a close with a code that there is not', frame(0x88, Buffer.from([0, 5]))],
    ['more than the limit', Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])],
    [
      'a length that cannot be',
      Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ],
    ['half a frame', frame(0x81, text).subarray(0, 3)],
    ['a binary message', frame(0x82, text)],
  ];
  const messages = [
    ...[
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"i":1}',
      '{"i":"1","p":null}',
      '{"i":"1","p":{"u":5}}',
      '{"i":"1","t":9,"p":{}}',
    ],
    ...[
      '{"i":"1","p":{"u":"//evil.example/"}}',
      '{"i":"1","p":{"u":"http://["}}',
      '{"i":"1","t":3}',
      `[${'['.repeat(20_000)}`,
    ],
    '{"i":"1","p":{"u":"/datasets/list","h":{"content-type":"multipart/form-data; boundary=x"},"b":"--x"}}',
    ...[
      '{"i":"1","p":{"u":"/nothing/here"}}',
      '{"i":"1","p":{"u":"/__proto__/x"}}',
      '{"i":"1","p":{"u":"/datasets/show","b":{"json":7}}}',
    ],
    '{"i":"1","p":{"u":"/datasets/show","b":{"json":{"dataset":"x"},"meta":[[0,"__proto__","polluted"]]}}}',
    ...['{"i":"9","t":3,"p":{"e":"message","d":1}}', '{"i":"9","t":4}'],
  ];

  it('ends itself alone by a malformed frame or message, and nothing is printed', async () => {
    const shell = await startShell();
    const { port, base, cookie } = shell;
    const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log'), vi.spyOn(process.stderr, 'write')];
    const upgrade = handshake(
      port,
      `${base}api`,
      `Origin: http://127.0.0.1:${port}\r\nCookie: ${cookie}\r\n`,
    );
    for (const [name, bytes] of frames) {
      const socket = raw(port, upgrade);
      await once(socket, 'data');
      socket.write(bytes);
      if (name !== 'half a frame')
        await Promise.race([once(socket, 'data'), once(socket, 'close'), sleep(2000)]);
      socket.resetAndDestroy();
      await goesOn(shell);
    }
    for (const message of messages) {
      const socket = connect(port, `${base}api`, { cookie });
      await once(socket, 'open');
      socket.send(message);
      await Promise.race([once(socket, 'message'), once(socket, 'close'), sleep(200)]);
      socket.terminate();
    }
    await goesOn(shell);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
    vi.restoreAllMocks();
  });
});

describe('the page that leads the browser to the link', () => {
  it('can be read by its user alone, and is the only thing that a process argument names', async () => {
    const page = writePage('http://127.0.0.1:1/?token=secret');
    if (process.platform !== 'win32') {
      expect([statSync(page).mode & 0o777, statSync(dirname(page)).mode & 0o777]).toEqual([0o600, 0o700]);
    }
    expect(page).not.toContain('secret');
    expect(openInBrowser.toString()).not.toMatch(/opener\([^)]*link/);
  });

  it('lies where a browser in a box of its own can read it', () => {
    const user = temporaryHome();
    const [snap, flatpak] = [
      join(user, 'snap/firefox/common'),
      join(user, '.var/app/org.mozilla.firefox/cache'),
    ];
    expect(pageFolder('firefox_firefox.desktop', user)).toBe(tmpdir());
    for (const folder of [snap, flatpak]) mkdirSync(folder, { recursive: true });
    expect(pageFolder('firefox_firefox.desktop', user)).toBe(snap);
    expect(pageFolder('org.mozilla.firefox.desktop', user)).toBe(flatpak);
    for (const other of ['firefox.desktop', '', '../x_y.desktop'])
      expect(pageFolder(other, user)).toBe(tmpdir());
  });
});
