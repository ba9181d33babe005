import { once } from 'node:events';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { deleting, reversed } from '../../src/core/api/changes.ts';
import { Guard } from '../../src/main/browser/guard.ts';
import { connect, get } from './as-browsers-do.ts';
import { startShell } from './browser-shell.ts';

describe('the browser shell refuses', () => {
  it('a request without the cookie, with a wrong one, or beside the path of the window', async () => {
    const { port, base, cookie } = await startShell();
    const tries: Record<string, string>[] = [
      {},
      { cookie: `${cookie}x` },
      { cookie: cookie.replace(/=.*/, '=') },
    ];
    for (const headers of tries) expect((await get(port, base, headers)).status).toBe(401);
    for (const path of ['/', '/?token=guess', '/%', '/guess/'])
      expect([path, (await get(port, path, { cookie })).status]).toEqual([path, 401]);
    // A browser asks for it by itself, without a cookie, and shows a refusal as an error of the page.
    expect((await get(port, '/favicon.ico')).status).toBe(204);
    expect((await get(port, base, { cookie })).body).toContain('<title>window</title>');
  });

  it('a link that was used, or that nobody used for long; and gives no cookie to other paths', async () => {
    const { port, link, base } = await startShell();
    const path = `/${new URL(link).search}`;
    const first = await get(port, path);
    expect(String(first.headers['set-cookie'])).toContain(`HttpOnly; SameSite=Strict; Path=${base}`);
    const again = await get(port, path);
    expect([again.status, again.headers['set-cookie']]).toEqual([200, undefined]);
    const guard = new Guard(port);
    const late = new URL(guard.link(-1)).searchParams.get('token') ?? '';
    expect(guard.admit(late)).toBe('unknown');
  });

  it('a wrong Host or Origin, even with the token', async () => {
    const { port, base, cookie, link } = await startShell();
    const { search } = new URL(link);
    expect((await get(port, `/${search}`, { host: `evil.example:${port}` })).status).toBe(403);
    expect((await get(port, base, { cookie, host: 'evil.example' })).status).toBe(403);
    expect((await get(port, base, { cookie, origin: 'http://evil.example' })).status).toBe(403);
    expect((await get(port, base, { cookie, origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });

  it('a WebSocket without the cookie, without an Origin or with a wrong one', async () => {
    const { port, base, cookie } = await startShell();
    const tries: [Record<string, string>, string | undefined][] = [
      [{}, `http://127.0.0.1:${port}`],
      [{ cookie }, 'http://evil.example'],
      [{ cookie }, ''],
    ];
    for (const [headers, origin] of tries) {
      const socket = connect(port, `${base}api`, headers, origin);
      const [error] = await once(socket, 'error');
      expect(String(error)).toMatch(/Unexpected server response: 40[13]/);
    }
  });

  it('paths outside the window, however they are written', async () => {
    const { port, base, cookie } = await startShell();
    const paths = ['%2e%2e%2fsecret.html', '..%2fsecret.html', 'assets/..%5c..%5csecret.html'];
    for (const path of [...paths, 'assets', '%00.html', '%zz.html', 'nothing.js']) {
      const { status, body } = await get(port, base + path, { cookie });
      expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
    }
    for (const path of ['../secret.html', '%2e%2e/secret.html']) {
      expect([path, (await get(port, base + path, { cookie })).body.includes('secret')]).toEqual([
        path,
        false,
      ]);
    }
  });

  it('to read files that were not dropped, links included, and to write outside a drop', async () => {
    const { port, base, cookie, client, hub } = await startShell();
    const drop = '11111111-2222-4333-8444-555555555555';
    const secret = join(hub.store.home, 'secret.html');
    const refused = /only dropped files can be read/;
    await expect(client.datasets.preview({ paths: [secret] })).rejects.toThrow(refused);
    const upload = (name: string) =>
      get(
        port,
        `${base}upload/${drop}?name=${encodeURIComponent(name)}`,
        { cookie },
        { method: 'POST', body: 'u,i\n' },
      );
    const names = [
      '../../evil.csv',
      '/tmp/evil.csv',
      '',
      '.',
      'a/',
      'a//b',
      'x'.repeat(300),
      `${'d/'.repeat(500)}f`,
    ];
    for (const name of [...names, 'a\0b', '漢'.repeat(100)]) {
      const { status, body } = await upload(name);
      expect([name, status, body.includes(hub.store.home)]).toEqual([name, 422, false]);
    }
    expect(existsSync(join(hub.store.home, 'evil.csv'))).toBe(false);
    expect((await upload('a.csv')).status).toBe(201);
    // What was a file cannot become a folder, and the other way round.
    expect((await upload('a.csv/b.csv')).status).toBe(422);
    symlinkSync(secret, join(hub.uploadsFolder, drop, 'link.csv'));
    await expect(
      client.datasets.preview({ paths: [join(hub.uploadsFolder, drop, 'link.csv')] }),
    ).rejects.toThrow(/only dropped files/);
    symlinkSync(hub.store.home, join(hub.uploadsFolder, drop, 'out'));
    expect(await upload('out/planted.csv')).toMatchObject({
      status: 422,
      body: expect.stringMatching(/behind a link/),
    });
    expect(existsSync(join(hub.store.home, 'planted.csv'))).toBe(false);
    expect((await get(port, `${base}upload/${drop}`, {}, { method: 'DELETE' })).status).toBe(401);
    expect(existsSync(join(hub.uploadsFolder, drop))).toBe(true);
    expect((await get(port, `${base}upload/${drop}`, { cookie }, { method: 'DELETE' })).status).toBe(204);
    expect(existsSync(join(hub.uploadsFolder, drop))).toBe(false);
    const noCookie = await get(port, `${base}upload/${drop}?name=b.csv`, {}, { method: 'POST', body: 'x' });
    expect(noCookie.status).toBe(401);
  });

  it('scripts from anywhere else, frames and sniffing', async () => {
    const { port, base, cookie } = await startShell();
    const { headers } = await get(port, base, { cookie });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

/** 30 users with 6 to 10 items each. */
function ratings(): string {
  const rows = ['user,item,rating,timestamp'];
  for (let user = 0; user < 30; user++) {
    for (let at = 0; at < 6 + (user % 5); at++)
      rows.push(`u${user},i${(user * 7 + at * at) % 40},${1 + (at % 5)},${at}`);
  }
  return `${rows.join('\n')}\n`;
}

describe('the journey over the wire', () => {
  it('takes many files over few connections, on which nothing stays of them', async () => {
    const { port, base, cookie } = await startShell();
    const warned = vi.spyOn(process, 'emitWarning');
    const drop = 'bbbbbbbb-2222-4333-8444-555555555555';
    for (let file = 0; file < 30; file++) {
      const address = `http://127.0.0.1:${port}${base}upload/${drop}?name=${file}.csv`;
      const sent = await fetch(address, { method: 'POST', headers: { cookie }, body: 'a,b\n' });
      expect(sent.status).toBe(201);
      await sent.text();
    }
    expect(warned).not.toHaveBeenCalled();
  });

  it('drops a file, counts what would remain, imports, queues seeds, watches and folds them', async () => {
    const { port, base, cookie, client, hub } = await startShell();
    const drop = 'aaaaaaaa-2222-4333-8444-555555555555';
    const sent = await get(
      port,
      `${base}upload/${drop}?name=${encodeURIComponent('films/ratings.csv')}`,
      { cookie },
      { method: 'POST', body: ratings() },
    );
    const { folder } = JSON.parse(sent.body) as { folder: string };
    const paths = [join(folder, 'films')];
    const preview = await client.datasets.preview({ paths });
    expect(preview.files[0].roles).toEqual({
      user: 'user',
      item: 'item',
      rating: 'rating',
      time: 'timestamp',
    });
    const counted = async (request: Parameters<typeof client.datasets.count>[0]) => {
      const steps = await client.datasets.count(request);
      for (;;) {
        const step = await steps.next();
        if (step.done) return step.value;
      }
    };
    const all = await counted({ paths });
    expect(all).toMatchObject({ users: 30, interactions: all.source.interactions, badRows: 0 });
    const few = await counted({ paths, minUser: 8, minRating: 2 });
    const again = await counted({ paths });
    expect(few.users).toBeLessThan(30);
    expect(again).toEqual(all);
    const cut = await counted({ paths, preset: 'kuairand-own-cut' });
    expect(cut.interactions).toBe(0);

    const heard: string[] = [];
    const abort = new AbortController();
    const events = await client.events(undefined, { signal: abort.signal });
    const listening = (async () => {
      for await (const event of events)
        heard.push(event.type === 'import' ? `import ${event.state.status}` : event.type);
    })().catch(() => {});
    await client.datasets.import({ paths, name: 'films', minUser: 8, minRating: 2 });
    await expect.poll(() => heard).toContain('import completed');
    expect(existsSync(folder)).toBe(false);
    const [summary] = await client.datasets.list();
    expect(summary.statistics).toMatchObject({
      users: few.users,
      items: few.items,
      interactions: few.interactions,
    });
    const sample = await client.datasets.sample();
    await client.datasets.removeUploads({ paths: [...sample.paths, hub.store.home, hub.uploadsFolder] });
    expect(sample.paths.some(existsSync)).toBe(false);
    expect(existsSync(hub.uploadsFolder)).toBe(true);
    const page = await client.datasets.items({ dataset: 'films', search: 'i1', limit: 5 });
    expect(page.items.every(({ originalId }) => originalId.includes('i1'))).toBe(true);

    hub.start();
    const asked = { model: 'popularity', dataset: 'films', seeds: [1, 2, 3], name: 'base', tags: ['t'] };
    // All or none: the second one names a data set that is not there.
    await expect(
      client.queue.enqueue({ requests: [asked, { ...asked, dataset: 'books' }] }),
    ).rejects.toThrow();
    expect((await client.runs.table({})).total).toBe(0);
    const { runs } = await client.queue.enqueue({ requests: [asked] });
    const statuses = async () => (await client.runs.table({ statuses: ['completed'] })).total;
    await expect.poll(statuses).toBe(3);
    const { rows, total } = await client.runs.table({ fold: true, metrics: ['test/ndcg@10'] });
    expect([total, rows[0].runs.length, rows[0].tags]).toEqual([1, 3, ['t']]);
    const [series] = await client.runs.series({ run: runs[0], metrics: ['train/loss'], pixels: 10 });
    expect(series.steps.length).toBeLessThanOrEqual(20);
    expect(heard).toEqual(expect.arrayContaining(['datasets', 'queue', 'run', 'series']));
    abort.abort();
    await listening;
  });

  it('holds the queue, withdraws a waiting run, and takes it back', async () => {
    const { client, hub } = await startShell();
    const { paths } = await client.datasets.sample();
    expect((await client.datasets.preview({ paths })).problem).toBeNull();
    const file = join(hub.uploadsFolder, 'r.csv');
    writeFileSync(file, ratings());
    await client.datasets.import({ paths: [file], name: 'films' });
    await expect.poll(async () => (await client.datasets.list()).length).toBe(1);
    hub.start();
    const request = { model: 'popularity', dataset: 'films', seeds: [1, 2], device: 'cpu' as const };
    const { runs } = await client.queue.enqueue({ requests: [request] });
    const slow = await client.queue.show();
    expect(slow.waiting.length + slow.running.length).toBeGreaterThan(0);
    await client.queue.pause({});
    await expect(client.queue.cancel({ run: 'nothing' })).rejects.toThrow(/there is no run nothing/);
    await client.queue.cancel({ run: runs[1] });
    expect((await client.runs.show({ run: runs[1] })).run.status).toBe('cancelled');
    await client.queue.requeue({ run: runs[1] });
    expect((await client.queue.show()).waiting.map(({ run }) => run.id)).toEqual([runs[1]]);
    await client.queue.resume({});
    await expect.poll(async () => (await client.runs.show({ run: runs[1] })).run.status).toBe('completed');
  });

  it('hides deleted runs, brings them back, and says in one line what is wrong with a request', async () => {
    const { client, hub } = await startShell();
    const { addRun } = await import('../store/home.ts');
    const { id } = addRun(hub.store);
    const { homeKey: home } = await client.settings.system();
    const noted = { of: 'run', ids: [id], to: { notes: 'keep', starred: true } } as const;
    await client.changes.make({ home, changes: [{ ...noted, ids: [id] }] });
    const changes = await client.changes.make({ home, changes: [deleting('run', [id])] });
    expect((await client.runs.table({})).total).toBe(0);
    await client.changes.make({ home, changes: reversed(changes) });
    await expect(client.changes.make({ home: `${home}2`, changes })).rejects.toThrow(/another data folder/);
    expect((await client.runs.show({ run: id })).annotations).toMatchObject({ notes: 'keep', starred: true });
    await expect(client.runs.table({ limit: 0 })).rejects.toThrow(/^limit: /);
    await expect(client.models.resolve({ model: 'nothing' })).resolves.toMatchObject({
      config: null,
      problem: { code: 'unknown-model', problem: 'unknown model "nothing"' },
    });
    const models = await client.models.list();
    expect(models.find((model) => model.id === 'sasrec')?.configSchema).toHaveProperty('properties.dim');
  });
});
