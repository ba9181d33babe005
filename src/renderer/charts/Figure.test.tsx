import { act, fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { FigureSpec } from '../../core/api/figures.ts';
import { Figure } from './Figure.tsx';

vi.mock('./use-width.ts', () => ({ useWidth: () => [{ current: null }, 600] }));

const words = { description: 'Loss', fileName: 'loss', height: 200, x: { label: 'Size' }, y: {} };
const figure = (title: string, points: unknown): FigureSpec => ({
  ...{ ...words, title },
  series: [{ id: 'loss', label: 'Loss', colour: 'text', marks: 'tile', points }] as FigureSpec['series'],
});
const points = ['small', 'middle', 'large'].map((tip, at) => ({ x: at + 1, y: 3 - at, tip }));

test('the marks of a figure are read by arrow keys, one after the other', () => {
  render(<Figure spec={figure('Loss by size', points)} />);
  const reader = screen.getByRole('listbox', { name: 'Values of Loss by size' });
  const read = () => document.getElementById(reader.getAttribute('aria-activedescendant') ?? '')?.textContent;
  expect(read()).toContain('small');
  act(() => reader.focus());
  fireEvent.keyDown(reader, { key: 'ArrowRight' });
  expect(read()).toContain('middle');
  fireEvent.keyDown(reader, { key: 'End' });
  fireEvent.keyDown(reader, { key: 'ArrowRight' });
  expect(read()).toContain('large');
  // Nothing is behind it: Enter is left to what the figure stands in.
  expect(fireEvent.keyDown(reader, { key: 'Enter' })).toBe(true);
});

test('a figure that is broken says so in its place, and those beside it stand', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  render(
    <>
      <Figure spec={figure('Loss by size', null)} />
      <Figure spec={figure('Loss by share', points)} />
    </>,
  );
  expect(screen.getByRole('alert').textContent).toContain('Something went wrong in Loss by size');
  expect(screen.getByRole('listbox', { name: 'Values of Loss by share' })).toBeTruthy();
});

test('the lines of a figure are read by keys: the largest first, with how far the others are from it, and copied', async () => {
  const writeText = vi.fn(async () => {});
  vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue({ writeText } as unknown as Clipboard);
  const line = (id: string, y: number) => ({
    ...{ id, label: id, colour: 'text', line: 'straight' },
    points: [1, 2, 3].map((x) => ({ x, y: y + x / 10 })),
  });
  const series = [line('low', 0.5), line('high', 0.7)] as FigureSpec['series'];
  const x = { label: 'Epoch', whole: true };
  const { container } = render(<Figure spec={{ ...words, x, title: 'NDCG', crosshair: 'epochs', series }} />);
  const reader = screen.getByRole('slider', { name: 'Values of NDCG' });
  fireEvent.keyDown(reader, { key: 'ArrowLeft' });
  const tip = () => container.querySelector('.figure-values')?.textContent;
  expect(tip()).toBe('Epoch 3high1.000low0.800−0.200← → move · C copies');
  fireEvent.keyDown(reader, { key: 'c' });
  expect(writeText).toHaveBeenCalledWith('Epoch 3\nhigh\t1.000\nlow\t0.800');
  fireEvent.pointerMove(reader, { clientX: 300, clientY: 50 });
  expect(tip()).not.toContain('move');
  vi.restoreAllMocks();
});
