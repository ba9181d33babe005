import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../test/store/home.ts';
import { logQuery } from '../../core/api/settings.ts';
import { programLogOf } from '../../core/files/program-log.ts';
import { readLog } from './program-log.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const asked = (changes: object) => logQuery.parse({ since: 'stored', ...changes });

function write(home: string, name: string, lines: readonly string[], from = NOW): void {
  const path = `${programLogOf(home)}${name}`;
  mkdirSync(dirname(path), { recursive: true });
  const stamped = lines.map((line, at) => `${new Date(from + 1_000 * at).toISOString()} 7 ${line}\n`);
  writeFileSync(path, stamped.join(''));
}

it('reads the last lines that are asked for, of earlier files and versions too', async () => {
  const store = temporaryStore();
  write(store.home, '.2', ['opened: Tessera 0.0.9'], NOW - 9_000_000);
  write(
    store.home,
    '.1',
    ['info program: opened', 'error run: Ärger', 'warn machine: ssh: timeout'],
    NOW - 60_000,
  );
  write(store.home, '', ['info worker: trainer: starts', 'error worker: trainer: ended']);
  appendFileSync(programLogOf(store.home), 'half a li');
  const texts = async (changes: object, startedAt?: number) =>
    (await readLog(store, asked(changes), startedAt)).lines.map(({ text }) => text);
  expect(await readLog(store, asked({ level: 'error' }))).toEqual({
    ...{ hasMore: false, warnings: 1, errors: 2 },
    lines: [
      { time: NOW - 59_000, level: 'error', area: 'run', text: 'Ärger' },
      { time: NOW + 1_000, level: 'error', area: 'worker', text: 'trainer: ended' },
    ],
  });
  expect((await texts({}))[0]).toBe('opened: Tessera 0.0.9');
  expect(await texts({ area: 'machine' })).toEqual(['ssh: timeout']);
  expect(await texts({ find: 'TRAINER' })).toHaveLength(2);
  expect(await texts({ since: 'start' }, NOW)).toEqual(['trainer: starts', 'trainer: ended']);
  expect(await readLog(store, asked({ most: 1 }))).toMatchObject({
    hasMore: true,
    lines: [{ level: 'error' }],
  });
  expect(await readLog(temporaryStore(), asked({}))).toMatchObject({ lines: [], hasMore: false });
});

it('since this start has what was written after the clock was set back, and nothing of a process before', async () => {
  const store = temporaryStore();
  const own = (at: number, text: string) =>
    `${new Date(at).toISOString()} ${process.pid} info program: ${text}\n`;
  const earlier = [own(NOW - 9_000, 'opened: Tessera 0.1.0'), own(NOW - 8_000, 'closed')];
  const now = [own(NOW + 10, 'opened: Tessera 0.1.0'), own(NOW - 3_600_000, 'the clock went back')];
  mkdirSync(dirname(programLogOf(store.home)), { recursive: true });
  writeFileSync(programLogOf(store.home), [...earlier, ...now].join(''));
  const { lines } = await readLog(store, asked({ since: 'start' }), NOW);
  expect(lines.map(({ text }) => text)).toEqual(['opened: Tessera 0.1.0', 'the clock went back']);
});

it('opens a long log at its end, lines of more than a chunk included, and letters whole', async () => {
  const store = temporaryStore();
  const long = Array.from({ length: 4_000 }, (_, at) => `info run: ${at} ${'é'.repeat(at % 500)}`);
  write(store.home, '', [...long, `info run: ${'ü'.repeat(90_000)}`]);
  const { lines } = await readLog(store, asked({ most: 10_000 }));
  expect(lines).toHaveLength(4_001);
  expect(lines.slice(0, -1).map(({ text }) => `info run: ${text}`)).toEqual(long);
  expect(lines.at(-1)?.text).toBe('ü'.repeat(90_000));
});

it('gives others a log without the names of the home', async () => {
  const store = temporaryStore();
  const { id } = addRun(store, { name: 'Grant  secret' });
  store.projects.create('Grant', '');
  store.hosts.put({ name: 'eve@node-7', folder: null, job: {} });
  write(store.home, '', [
    `error run: Grant secret: failed on node-7 (${id}) for beauty of Grant, ${store.home}/x`,
  ]);
  const { lines } = await readLog(store, asked({ anonymous: true }));
  expect(lines[0].text).toMatch(
    /^<run 1>: failed on <host A> \(<run 1>\) for <data set 1> of <project 1>, <folder \d+><path>$/,
  );
});
