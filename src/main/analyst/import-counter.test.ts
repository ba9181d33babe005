import { createWriteStream, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import type { CountProgress } from '../../core/api/datasets.ts';
import { importRequestSchema } from '../../core/data/import/request.ts';
import { ImportCounter } from './import-counter.ts';

/** Takes a second or more to read. */
async function longFile(folder: string): Promise<string> {
  const path = join(folder, 'clicks.csv');
  const file = createWriteStream(path);
  file.write('user,item,timestamp\n');
  for (let piece = 0; piece < 30; piece++) {
    const rows = Array.from(
      { length: 50_000 },
      (_, at) => `u${(at * 31) % 9973},i${at % 4999},${piece * 50_000 + at}`,
    );
    file.write(`${rows.join('\n')}\n`);
  }
  file.end();
  await finished(file);
  return path;
}

it('goes on reading for the next question, and stops when nobody waits', async () => {
  const home = temporaryHome();
  const counter = new ImportCounter(0);
  const paths = [await longFile(home)];
  const told: CountProgress[] = [];
  const ask = (changes: { minUser?: number; header?: boolean }, signal: AbortSignal) =>
    counter.count(home, importRequestSchema.parse({ paths, ...changes }), {
      signal,
      onProgress: (progress) => told.push(progress),
    });

  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const dropped = ask({}, first.signal);
  const kept = ask({ minUser: 2 }, second.signal);
  await wait(50);
  first.abort();
  await expect(dropped).rejects.toThrow('cancelled');
  expect(await kept).toMatchObject({ interactions: 1_500_000, badRows: 0 });
  const fractions = told.flatMap(({ phase, fraction }) => (phase === 'read' ? [fraction] : []));
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.some((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
  expect(told.at(-1)).toEqual({ phase: 'filter', fraction: 0 });

  // Read in another way, so anew.
  const left = ask({ header: false }, third.signal);
  await wait(50);
  third.abort();
  await expect(left).rejects.toThrow('cancelled');
  expect(readdirSync(join(home, 'datasets'))).toEqual([]);
  const again = await ask({ minUser: 2 }, new AbortController().signal);
  expect(again.users).toBe(9973);
});

it('says at which lines the rows are that cannot be read', async () => {
  const home = temporaryHome();
  const path = join(home, 'bad.csv');
  writeFileSync(path, 'user,item,timestamp\nu1,a,noon\nu1,b,2\nu2,a,3\nu2,,4\n');
  const request = importRequestSchema.parse({ paths: [path], skipBadRows: true });
  const { badRows, badRowPlaces } = await new ImportCounter(0).count(home, request, {
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  expect(badRows).toBe(2);
  expect(badRowPlaces.toSorted((a, b) => a.line - b.line)).toEqual([
    { file: path, line: 2 },
    { file: path, line: 5 },
  ]);
});

it('counts the items that a file describes: none where its ids are others', async () => {
  const home = temporaryHome();
  const write = (name: string, lines: string[]) => {
    writeFileSync(join(home, name), `${lines.join('\n')}\n`);
    return join(home, name);
  };
  const clicks = write('clicks.csv', ['user,item', 'a,1', 'a,2', 'b,1', 'b,3']);
  const described = async (ids: string[]) => {
    const paths = [clicks, write('items.csv', ['item,title', ...ids.map((id) => `${id},T${id}`)])];
    const { signal } = new AbortController();
    return (await new ImportCounter(0).count(home, importRequestSchema.parse({ paths }), { signal }))
      .described;
  };
  expect(await described(['1', '2', '4'])).toBe(2);
  expect(await described(['x1', 'x2', 'x4'])).toBe(0);
});

it('counts rows that repeat another, and those that share a moment of their user', async () => {
  const home = temporaryHome();
  const counted = async (lines: string[]) => {
    const path = join(home, 'events.csv');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const { signal } = new AbortController();
    const request = importRequestSchema.parse({ paths: [path] });
    const { repeats, tied } = await new ImportCounter(0).count(home, request, { signal });
    return { repeats, tied };
  };
  const head = 'user,item,timestamp';
  expect(await counted([head, 'a,1,5', 'a,1,5', 'a,1,5', 'a,2,5', 'a,1,6', 'b,1,5'])).toEqual({
    repeats: 2,
    tied: 4,
  });
  expect(await counted([head, 'a,1,5', 'a,1,6'])).toEqual({ repeats: 0, tied: 0 });
  expect(await counted(['user,item', 'a,1', 'a,1', 'a,2', 'b,1'])).toEqual({ repeats: 1, tied: null });
});
