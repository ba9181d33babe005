/** Journals as other programs write them: slightly wrong, odd, or hostile. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENDED, ForeignWriter } from '../../../../test/store/foreign-writer.ts';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { frame } from '../../training/journal-lines.ts';
import { openStore } from '../open-store.ts';
import { settleLostRuns } from '../runs/lost-runs.ts';
import { newRunId } from '../runs/run-id.ts';
import type { Store } from '../store.ts';
import type { ImportedRun } from '../types.ts';
import { takeInForeignRuns } from './foreign-runs.ts';

const FINISHED = { type: 'finished', metrics: { a: 1 } };
const NOW = 1_790_000_000_000;

/** What a home has of a journal beside one that is as it should be; the second one always completes. */
function opened(write: (home: string) => ForeignWriter | undefined) {
  const home = temporaryHome();
  openStore(home).close();
  const writer = write(home);
  const good = new ForeignWriter(home, { name: 'good' }, ENDED);
  good.write(FINISHED);
  const store = temporaryStore(home);
  // A busy machine does not come to everything in one look.
  while (!store.runs.exists(good.id)) takeInForeignRuns(store);
  settle(store);
  expect(store.runs.get(good.id).status).toBe('completed');
  if (writer === undefined) {
    expect(store.runs.count()).toBe(1);
    return { store, run: null, log: [] };
  }
  const log = store.logs.list(writer.id).map(({ message }) => message);
  return { store, run: store.runs.get(writer.id) as ImportedRun, log };
}

/** A run of some facts, with some records before it finishes. */
function told(facts: object, ...records: (object | string)[]) {
  return opened((home) => {
    const writer = new ForeignWriter(home, facts, ENDED);
    for (const record of [...records, FINISHED]) write(writer, record);
    return writer;
  });
}

function write(writer: ForeignWriter, record: object | string): void {
  if (typeof record === 'string') appendFileSync(writer.path, frame(Buffer.from(record)));
  else writer.write(record);
}

describe('what another program says of its run', () => {
  it('is taken with fractions of times rounded, and what was left out by null left out', () => {
    const { run, log } = told({
      ...{ time: NOW + 0.5, name: null, model: null, dataset: null, seed: null, config: null },
    });
    expect(run).toMatchObject({ status: 'completed', createdAt: NOW + 1, name: 'PyTorch 2.6', seed: null });
    expect([run?.config, log]).toEqual([null, []]);
  });

  it.each([
    [{ name: '' }, { name: 'PyTorch 2.6' }, []],
    [{ name: 'two\nlines' }, { name: 'two lines' }, []],
    [{ name: 'x\ud800' }, { name: 'x\ufffd' }, []],
    [
      { model: 'm'.repeat(300) },
      { model: 'm'.repeat(200) },
      [`Skipped the end of the run's "model": it has more than 200 characters`],
    ],
    [{ program: 7 }, { program: '7' }, []],
    [
      { program: { a: 1 } },
      { program: 'another program' },
      [`Skipped the run's "program": {"a":1} is no text`],
    ],
    [{ seed: '1' }, { seed: 1 }, []],
    [{ seed: 2 ** 60 }, { seed: null }, [expect.stringMatching(/^Skipped the run's "seed": 1152/)]],
    [
      { time: 1e300 },
      { status: 'completed' },
      [expect.stringMatching(/^Skipped the time of the run: 1e\+300/)],
    ],
    [{ time: -1e15 }, { status: 'completed' }, [expect.stringMatching(/^Skipped the time of the run/)]],
    [{ config: [1] }, { config: null }, [`Skipped the run's "config": [1] has no keys`]],
    [
      { config: { a: 'x'.repeat(2e6), b: 1 } },
      { config: { a: 'x'.repeat(10_000), b: 1 } },
      ['Skipped the end of "a" of the config: it has more than 10000 characters'],
    ],
  ])('%# is taken as far as it goes, and the rest is named', (facts, run, log) => {
    const found = told(facts);
    expect(found.run).toMatchObject({ status: 'completed', ...run });
    expect(found.log).toEqual(log);
  });

  it('may have 20,000 levels, or a line of 17 MB', () => {
    const deep = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`;
    const open = (json: string) =>
      opened((home) => {
        const writer = new ForeignWriter(home, null, ENDED);
        write(writer, json);
        write(writer, FINISHED);
        return writer;
      });
    const nested = open(`{"type":"run","program":"x","config":{"a":${deep},"b":2}}`);
    expect(nested.run).toMatchObject({
      status: 'completed',
      program: 'x',
      config: { a: expect.anything(), b: 2 },
    });
    expect(nested.log).toEqual(['Skipped "a" of the config: it has more than 20 levels']);
    const long = open(JSON.stringify({ type: 'run', program: 'x', config: { a: 'x'.repeat(17e6) } }));
    expect(long.run).toMatchObject({ status: 'completed', program: 'another program', stated: { a: 1 } });
    expect(long.log[0]).toBe('Skipped what the run is: its line is longer than 16 MB');
  });
});

describe('one bad record', () => {
  const point = { metric: 'm', steps: [1], epochs: [0], times: [1], values: [1] };
  const series = (changes: object) => ({ type: 'series', points: [{ ...point, ...changes }] });

  it.each<[string, object | string, Partial<Record<'m' | 'log', unknown>>]>([
    ['the time of a log', { type: 'log', time: NOW + 0.5, level: 'info', message: 'x' }, { log: ['x'] }],
    ['a level', { type: 'log', level: 'debug', message: { a: 1 } }, { log: ['{"a":1}'] }],
    ['a count', { type: 'started', device: 'gpu', deviceReason: '', parameters: 1.5, fromStep: 0.5 }, {}],
    [
      'usage',
      { type: 'usage', time: NOW, sample: { time: 1.5, cpu: 1, memory: 1.5, gpu: null }, peakMemory: 2.5 },
      {},
    ],
    ['a value', series({ values: [null] }), { m: [Number.NaN] }],
    ['times', series({ times: [1.5], epochs: [0.5] }), { m: [1] }],
    ['too few times', series({ times: [], epochs: undefined }), { m: [1] }],
    [
      'numbers that are too large',
      '{"type":"series","points":[{"metric":"m","steps":[1,2],"epochs":[0,0],"times":[1,1],"values":[1e400,2]}]}',
      { m: [2], log: ['Skipped values of m: Infinity is not a finite number'] },
    ],
    [
      'steps',
      series({ steps: [2 ** 53 + 2, -5, 1e300], epochs: [0, 0, 0], times: [0, 0, 0], values: [1, 2, 3] }),
      { log: ['Skipped points of m: 9007199254740994 is no step: a whole number from 0 on'] },
    ],
    ['a type', { type: 'image', data: 'x' }, { log: ['Skipped records "image": no such type is known'] }],
    [
      'stated metrics',
      { type: 'finished', metrics: { b: 'NaN', c: null, d: 'x' } },
      {
        log: [
          'Skipped the metric c: null is not a finite number',
          'Skipped the metric d: "x" is not a finite number',
        ],
      },
    ],
    ['no record', '{"type":"__proto__"}', { log: [expect.stringContaining('__proto__')] }],
  ])('loses itself alone: %s', (_, record, { m, log = [] }) => {
    const after = { ...point, steps: [10], values: [10] };
    const { store, run, log: lines } = told({}, record, { type: 'series', points: [after] });
    expect(run).toMatchObject({ status: 'completed', stated: { a: 1 } });
    expect(store.series.read(run?.id ?? '', 'm').values).toEqual([...((m ?? []) as number[]), 10]);
    expect(lines).toEqual(log);
  });

  it('is named once, however often it comes', () => {
    const bad = series({ values: ['x'] });
    const long = { type: 'log', level: 'info', message: 'x'.repeat(300_000) };
    expect(told({}, bad, bad, long, bad).log.filter((line) => line.startsWith('Skipped'))).toHaveLength(1);
  });

  it('does not take back what was logged before a program says that it started', () => {
    const started = {
      type: 'started',
      device: 'gpu',
      deviceReason: '',
      parameters: 1,
      environment: {},
      fromStep: 0,
    };
    const { store, run } = told({}, series({}), started);
    expect(store.series.read(run?.id ?? '', 'm').steps).toEqual([1]);
  });
});

describe('a journal', () => {
  it.each([
    ['a fraction', 1.5],
    ['all processes', -1],
  ])('of a process that is no number of one (%s) ends as it says', (_, pid) => {
    const { run } = opened((home) => {
      const writer = new ForeignWriter(home, {}, { ...ENDED, pid });
      writer.write(FINISHED);
      // Its file is its sign of life.
      utimesSync(writer.path, 1, 1);
      return writer;
    });
    expect(run?.status).toBe('completed');
  });

  it('that is a folder or a pipe does not hold up a home', () => {
    opened((home) => {
      mkdirSync(join(home, 'runs', newRunId(), 'events-1-5.jsonl'), { recursive: true });
      return undefined;
    });
    if (process.platform === 'win32') return;
    opened((home) => {
      const folder = join(home, 'runs', newRunId());
      mkdirSync(folder, { recursive: true });
      execFileSync('mkfifo', [join(folder, 'events-1-5.jsonl')]);
      return undefined;
    });
  });

  it('that has ended stays ended, however much comes after', () => {
    const { store, run } = opened((home) => {
      const writer = new ForeignWriter(home, {}, ENDED);
      writer.write({ type: 'failed', outcome: 'failed', message: 'no', log: 'why' });
      for (const digit of '123456')
        writer.write({ type: 'log', level: 'info', message: digit.repeat(900_000) });
      return writer;
    });
    expect(store.runs.get(run?.id ?? '')).toMatchObject({ status: 'failed', message: 'no' });
    expect(store.logs.list(run?.id ?? '').map(({ message }) => message[0])).toEqual([...'w123456']);
  });

  it('of many megabytes is read a part at a time, and not while a home is opened', () => {
    const home = temporaryHome();
    openStore(home).close();
    const writer = new ForeignWriter(home, {}, ENDED);
    const STEPS = 150_000;
    const records = Array.from({ length: STEPS }, (_, step) =>
      frame(
        Buffer.from(
          `{"type":"series","time":1,"points":[{"metric":"m","steps":[${step}],"epochs":[0],"times":[1],"values":[1]}]}`,
        ),
      ),
    );
    appendFileSync(writer.path, Buffer.concat(records));
    writer.write(FINISHED);
    const store = temporaryStore(home);
    const reached = () => store.lifecycle.lost()[0]?.offset;
    expect(store.runs.get(writer.id).status).toBe('running');
    const first = reached();
    expect(first).toBeLessThan(statSync(writer.path).size / 2);
    settleLostRuns(store);
    expect(reached()).toBeGreaterThan(first);
    settle(store);
    expect(store.runs.get(writer.id).status).toBe('completed');
    expect(store.series.list(writer.id)).toMatchObject([{ points: STEPS, lastStep: STEPS - 1 }]);
  });

  it('with a line that is too long goes on behind it', () => {
    const { store, run } = told(
      {},
      { type: 'log', level: 'info', message: 'x'.repeat(17e6) },
      { type: 'log', level: 'info', message: 'behind' },
    );
    const log = store.logs.list(run?.id ?? '').map(({ message }) => message);
    expect(log[0]).toMatch(/^Skipped lines longer than 16 MB: the first at byte \d+/);
    expect(log).toContain('behind');
    expect(store.runs.get(run?.id ?? '').status).toBe('completed');
  });
});

/** Reads on until all is read. */
function settle(store: Store): void {
  while (store.lifecycle.lost().length > 0) settleLostRuns(store);
}

it('a folder with a journal that no row knows is taken neither by the purge nor with the rest of the trash', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const path = `runs/${newRunId()}`;
  mkdirSync(join(home, path), { recursive: true });
  writeFileSync(join(home, path, 'events-1-5.jsonl'), frame(Buffer.from('{"type":"opened","version":1}')));
  await store.trash.purgeAll();
  expect(await store.trash.list()).toMatchObject([{ kind: 'folder', id: path }]);
  await store.trash.purge([{ kind: 'folder', id: path }]);
  expect(await store.trash.list()).toEqual([]);
});
