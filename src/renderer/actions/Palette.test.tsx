import { fireEvent, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { Palette, usePalette } from './Palette.tsx';

test('a query that matches nothing offers the closest names, which Enter opens like any other row', async () => {
  usePalette.setState({ open: true });
  mount(<Palette />, {
    runs: { table: () => ({ total: 0, groups: null, rows: [], outline: null }) },
    datasets: {
      list: () => [{ id: 'd', name: 'Book club', statistics: { users: 2 } } as DatasetSummary],
    },
    projects: { list: () => [] },
    comparisons: { list: () => [] },
  });
  const field = screen.getByRole<HTMLInputElement>('combobox', { name: 'Command' });
  const type = (text: string) => fireEvent.change(field, { target: { value: text } });
  type('@look');
  expect(await screen.findByRole('group', { name: 'Did you mean' })).toBeTruthy();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(field.value).toBe('@Book');
  expect((await screen.findByRole('option')).textContent).toContain('Book club');
  type('quartz');
  expect(await screen.findByText('Nothing matches')).toBeTruthy();
  expect(screen.queryByRole('option')).toBeNull();
});
