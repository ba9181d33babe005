import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writePage } from '../src/main/browser/open-browser.ts';
import { BrowserShell } from './fixtures/browser-shell.ts';
import { expect, test } from './fixtures/test.ts';

interface Answer {
  status: number;
  body: string;
}

/** Plain HTTP, so that Host and Origin can be anything and a path is sent as it is written. */
function ask(url: string, path: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

test.describe('in the browser', () => {
  test.beforeEach(({ shellKind }) => {
    test.skip(shellKind !== 'browser', 'the desktop shell listens on no port');
  });

  test('the shell answers the window it let in, and nobody else', async ({ app, shell, home, browser }) => {
    await app.open();
    await expect(app.sidebar).toBeVisible();
    const { origin, pathname: base } = new URL(app.page.url());
    const [{ name, value }] = await app.page.context().cookies();
    const cookie = `${name}=${value}`;
    const statusOf = async (path: string, headers: Record<string, string>, method?: string) =>
      (await ask(origin, path, headers, method)).status;

    expect(await statusOf(base, { cookie })).toBe(200);
    expect(await statusOf(base, {})).toBe(401);
    expect(await statusOf('/', { cookie })).toBe(401);
    expect(await statusOf(base, { cookie: `${name}=guess` })).toBe(401);
    expect(await statusOf('/?token=guess', {})).toBe(401);
    expect(await statusOf(base, { cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf(base, { cookie, host: 'evil.example' })).toBe(403);

    writeFileSync(join(home, 'secret.json'), '{"secret":1}');
    const root = `${base}${'../'.repeat(12)}`.slice(0, -1);
    for (const path of [
      `${root}/etc/passwd`,
      `${root}${home}/secret.json`,
      `${base}%2e%2e%2f%2e%2e%2fpackage.json`,
    ]) {
      const { status, body } = await ask(origin, path, { cookie });
      const refused = status === 404 || status === 401;
      expect([path, refused, body.includes('":') || body.includes('root:')]).toEqual([path, true, false]);
    }
    const drop = '11111111-2222-4333-8444-555555555555';
    const upload = `${base}upload/${drop}?name=${encodeURIComponent('../../../evil.csv')}`;
    expect(await statusOf(upload, { cookie }, 'POST')).toBe(422);
    expect(existsSync(join(home, 'evil.csv'))).toBe(false);

    // Another site open in the same browser, cookie and all.
    const stranger = await browser.newPage();
    await stranger.route('http://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>evil</title>' }),
    );
    await stranger.context().addCookies(await app.page.context().cookies());
    await stranger.goto('http://evil.example/');
    const reached = await stranger.evaluate(async (target) => {
      const page = await fetch(target, { credentials: 'include' }).then(
        () => true,
        () => false,
      );
      const socket = new WebSocket(`${target.replace('http', 'ws')}api`);
      const opened = await new Promise<boolean>((resolve) => {
        socket.addEventListener('open', () => resolve(true));
        socket.addEventListener('error', () => resolve(false));
      });
      return { page, opened };
    }, `${origin}${base}`);
    expect(reached).toEqual({ page: false, opened: false });
    await stranger.close();

    // A link of an earlier session, as from a bookmark.
    await shell.page.goto(`${origin}/?token=earlier`);
    await expect(shell.page.getByText('this link is from an earlier session')).toBeVisible();
  });

  test('the page that a browser is started on leads to the window', async ({ app, shell }) => {
    if (!(shell instanceof BrowserShell)) throw new Error('the desktop shell starts no browser');
    await shell.page.goto(pathToFileURL(writePage(shell.url)).href);
    await expect(app.sidebar).toBeVisible();
    expect(shell.page.url()).not.toContain('token');
  });

  test('the page runs no script but its own, and connects nowhere else', async ({ app }) => {
    await app.open();
    await expect(app.sidebar).toBeVisible();
    const outcome = await app.page.evaluate(async () => {
      const inline = document.createElement('script');
      inline.textContent = 'window.ranInline = true';
      document.head.append(inline);
      const connected = await fetch('https://example.com/').then(
        () => true,
        () => false,
      );
      // Of its own turn: what Playwright evaluates may evaluate.
      const evaluated = await new Promise<boolean>((resolve) => {
        setTimeout(() => {
          try {
            resolve(new Function('return true')() as boolean);
          } catch {
            resolve(false);
          }
        });
      });
      return { ranInline: 'ranInline' in window, connected, evaluated };
    });
    expect(outcome).toEqual({ ranInline: false, connected: false, evaluated: false });
  });
});

test('a file outside what was dropped cannot be read through the window', async ({
  app,
  home,
  shellKind,
}) => {
  test.skip(shellKind !== 'browser', 'the desktop shell reads what its user opens, as every program does');
  mkdirSync(join(home, 'private'));
  const path = join(home, 'private', 'ratings.csv');
  writeFileSync(path, 'user,item\na,b\n');
  await app.open();
  await expect(app.sidebar).toBeVisible();
  // As a script in the page would ask, over a connection of its own.
  const answer = await app.page.evaluate(
    (file) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(new URL('api', location.href.replace('http', 'ws')));
        socket.addEventListener('message', ({ data }) => resolve(String(data)));
        socket.addEventListener('open', () =>
          socket.send(
            JSON.stringify({ i: '1', p: { u: '/datasets/preview', b: { json: { paths: [file] } } } }),
          ),
        );
      }),
    path,
  );
  expect(answer).toContain('only dropped files can be read');
});
