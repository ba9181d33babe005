import { render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Select } from './Select.tsx';

test('a select shows what is chosen, and React has nothing to say of it', () => {
  const told = vi.spyOn(console, 'error');
  render(
    <Select aria-label="Axis" value="b" choices={[{ value: 'b', label: 'By epoch' }]} onValue={() => {}} />,
  );
  expect(screen.getByRole('combobox', { name: 'Axis' }).textContent).toBe('By epoch');
  expect(told.mock.calls).toEqual([]);
});
