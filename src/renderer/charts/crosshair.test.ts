import { expect, it } from 'vitest';
import type { DrawnFigure } from '../../core/api/drawing.ts';
import type { FigureSpec } from '../../core/api/figures.ts';
import {
  leaveCrosshair,
  nearestTo,
  nextPlace,
  pointAt,
  readingOf,
  sharedDecimals,
  snapped,
  useCrosshair,
} from './crosshair.ts';

const line = (id: string, x: number[], y: number[] = x) => {
  const points = x.map((at, place) => ({ x: at, y: y[place] }));
  return { id, label: id, colour: 'text', line: 'straight', points } as const;
};

const figure = (...series: ReturnType<typeof line>[]): FigureSpec => {
  const words = { title: 'Loss', description: 'Loss', fileName: 'loss', height: 200 };
  return { ...words, x: { label: 'Epoch', whole: true }, y: {}, series, crosshair: 'curves' };
};
const drawn = (from: number, to: number) => ({ domain: [from, to] }) as unknown as DrawnFigure;

it('stands on whole epochs where several are shown, and on points where a part of one is', () => {
  const loss = line('loss', [25.5, 25.9583, 26.4]);
  expect(snapped(figure(loss), drawn(0, 50), 25.93)).toBe(26);
  expect(snapped(figure(loss), drawn(25, 26.5), 25.93)).toBe(25.9583);
});

it('reads the nearest point of each line, none beyond its end and none in a gap', () => {
  const spec = figure(line('long', [1, 2, 3, 4]), line('short', [1, 2], [5, Number.NaN]), line('none', []));
  const read = (at: number) => spec.series.map((series) => pointAt(series, at, spec)?.y ?? null);
  expect(read(1)).toEqual([1, 5, null]);
  expect(read(2)).toEqual([2, null, null]);
  expect(read(4)).toEqual([4, null, null]);
  expect(read(5)).toEqual([null, null, null]);
});

it('goes to the next place with an arrow key, within what is shown', () => {
  const spec = figure(line('loss', [0.5, 1, 1.5, 2, 2.5, 3]));
  expect(nextPlace(spec, drawn(0, 3), null, 1)).toBe(1);
  expect(nextPlace(spec, drawn(0, 3), 1, 1)).toBe(2);
  expect(nextPlace(spec, drawn(0, 3), 2, -1)).toBe(1);
  expect(nextPlace(spec, drawn(0, 2), 2, 1)).toBeNull();
});

it('reads a level wherever the crosshair is, and stands on none of its ends', () => {
  const spec = figure(line('level', [0, 50], [3, 3]), line('loss', [20, 30, 40]));
  expect(readingOf(spec, drawn(10, 40), 30)?.points.map(({ x, y }) => [x, y])).toEqual([
    [30, 30],
    [30, 3],
  ]);
  expect(snapped(spec, drawn(0, 50), 4)).toBe(20);
});

it('takes its own crosshair away, and none of others', () => {
  useCrosshair.setState({ name: 'curves', x: 4 });
  leaveCrosshair('usage');
  expect(useCrosshair.getState().name).toBe('curves');
  leaveCrosshair('curves');
  expect(useCrosshair.getState().name).toBeNull();
});

it('writes all values of a chart with the same decimals, four digits of the largest', () => {
  const decimals = (...values: number[]) => sharedDecimals([{ y: values }]);
  expect(decimals(0.0117, 0.008566, Number.NaN)).toBe(5);
  expect(decimals(-9.8, 4)).toBe(3);
  expect(decimals(12_000)).toBe(0);
  expect(sharedDecimals([])).toBe(0);
});

it('reads the largest value first, whatever the order of the lines', () => {
  const spec = figure(line('low', [1, 2], [0.1, 0.3]), line('high', [1, 2], [0.2, 0.4]));
  expect(readingOf(spec, drawn(1, 2), 2)?.points.map(({ line }) => line.id)).toEqual(['high', 'low']);
});

it('lists of many lines those nearest to the pointer, the largest of them first', () => {
  const lines = Array.from({ length: 20 }, (_, at) => line(`${at}`, [1, 2], [at, at + 0.5]));
  const points = readingOf(figure(...lines), drawn(0, 3), 1)?.points ?? [];
  const place = { y: { place: (value: number) => 200 - 10 * value } } as unknown as DrawnFigure;
  const shown = (height: number) => nearestTo(points, place, height, 3).map(({ y }) => y);
  expect([shown(100), shown(0), shown(200)]).toEqual([
    [11, 10, 9],
    [19, 18, 17],
    [2, 1, 0],
  ]);
});
