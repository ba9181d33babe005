import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ParallelChart } from './ParallelChart.tsx';

const lines = ['one', 'two'].map((id, colour) => ({ id, label: `Trial ${id}`, colour }));
const axes = [
  { id: 'dim', label: 'Dim', values: [64, 128] },
  {
    id: 'ndcg',
    label: 'NDCG@10',
    values: [0.0724857735595719, null],
    text: (value: number) => value.toFixed(4),
  },
];

test('keys read one line after another, with what it has on each axis', () => {
  render(<ParallelChart title="Trials" fileName="trials" axes={axes} lines={lines} noun="trial" />);
  const list = screen.getByRole('listbox', { name: 'Trials: 2 trials over Dim, NDCG@10' });
  const read = () => screen.getByRole('option').textContent?.split('\n');
  expect(read()).toEqual(['Trial one', 'Dim: 64', 'NDCG@10: 0.0725']);
  fireEvent.keyDown(list, { key: 'ArrowDown' });
  expect(read()).toEqual(['Trial two', 'Dim: 128', 'NDCG@10: –']);
  expect(screen.getAllByRole('slider')).toHaveLength(2);
});
