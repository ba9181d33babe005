import type { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TrainerEvent } from '../../../core/training/events.ts';
import { progressText } from '../text/progress-text.ts';
import { Interrupts } from './interrupts.ts';
import { LiveLine } from './live-line.ts';
import { textTable } from './text-table.ts';
import { trainingDisplay } from './training-display.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const progress = {
  type: 'progress',
  phase: 'train',
  epoch: 3,
  epochs: 20,
  done: 30,
  total: 120,
  unit: 'steps',
  rate: 1234.5,
  secondsLeft: 125,
  loss: 4.25,
} as const;

test('progress fits the width, and loses what says least first', () => {
  const best = { metric: 'valid/ndcg@10', value: 0.0312, epoch: 2 };
  expect(progressText(progress, best, 120)).toBe(
    'Training   ━━━━────────────  25 %  epoch 3/20  loss 4.2500  2 min left  best valid/ndcg@10 0.0312  1,235 steps/s',
  );
  for (const width of [0, 10, 40, 60, 80])
    expect(progressText(progress, best, width).length).toBeLessThanOrEqual(width);
  expect(progressText(progress, best, 60)).toContain('epoch 3/20');
});

test('a live line draws the newest text once in a while, over the old one, and clears it', () => {
  const written: string[] = [];
  const stream = { columns: 40, write: (text: string) => written.push(text) } as unknown as WriteStream;
  const line = new LiveLine(stream);
  for (const text of ['a', 'b', 'c']) line.show(() => text);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(100);
  line.show((width) => `${width} columns`);
  vi.advanceTimersByTime(100);
  line.clear();
  vi.advanceTimersByTime(1000);
  expect(written).toEqual(['\rc\u001b[K', '\r39 columns\u001b[K', '\r\u001b[K']);
});

const points = (metric: string, epoch: number, value: number): TrainerEvent => ({
  type: 'series',
  points: [{ metric, steps: [epoch], epochs: [epoch], times: [0], values: [value] }],
});

test('of many metrics a log line has the one that selects the epoch and the usual ones', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const display = trainingDisplay(false, 'valid/id-ndcg@10');
  display.event({ ...progress, epoch: 1, epochs: 2 });
  for (const name of ['id-hr@5', 'id-hr@10', 'id-ndcg@10', 'prefix-hr@5', 'hr@5', 'hr@10', 'mrr'])
    display.event(points(`valid/${name}`, 1, 0.5));
  display.end();
  expect(written).toEqual([
    'epoch 1/2, loss 4.2500, valid/id-ndcg@10 0.5000, valid/hr@10 0.5000, valid/mrr 0.5000 (best so far)\n',
  ]);
});

test('a log gets one line an epoch, at most one a second, and the last one', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const display = trainingDisplay(false, 'valid/mrr');
  for (let epoch = 1; epoch <= 40; epoch++) {
    display.event({ ...progress, epoch, epochs: 40 });
    display.event(points('valid/hr@10', epoch, 0.5));
    display.event(points('valid/mrr', epoch, epoch === 30 ? 0.9 : 0.1));
    vi.advanceTimersByTime(100);
  }
  display.end();
  expect(written.length).toBeGreaterThan(3);
  expect(written.length).toBeLessThan(8);
  expect(written.at(-1)).toBe('epoch 40/40, loss 4.2500, valid/hr@10 0.5000, valid/mrr 0.1000\n');
});

test('two signals of one key press are one, a later one is the second', () => {
  const presses: number[] = [];
  const before = process.listenerCount('SIGINT');
  const interrupts = new Interrupts((count) => presses.push(count));
  const press = () => (process as EventEmitter).emit('SIGINT', 'SIGINT');
  press();
  vi.advanceTimersByTime(5);
  press();
  vi.advanceTimersByTime(1000);
  press();
  interrupts.stop();
  expect(presses).toEqual([1, 2]);
  expect(interrupts.exitCode).toBe(130);
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('a table aligns wide characters and takes control characters out', () => {
  const table = textTable(
    ['Name', 'N'],
    [
      ['映画', '1'],
      ['a\u001b[31m', '20'],
    ],
    ['N'],
  );
  expect(table.split('\n')).toEqual(['Name     N', '──────  ──', '映画     1', 'a [31m  20']);
});
