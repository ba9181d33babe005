import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { column, listSource, widthOf } from './columns.ts';
import { Table, type TableProps } from './Table.tsx';

const columns = [
  column<string>('name', 'Name', 'text', (row) => row),
  column<string>('length', 'Length', 'count', (row) => row.length),
];
const shown = (changes: Partial<TableProps<string>>) =>
  render(<Table label="Names" columns={columns} rows={undefined} rowKey={(row) => row} {...changes} />);
const waits = { error: null, refetch: () => {} };

test('the heads of a table are there before its rows, which no reader counts', () => {
  for (const changes of [{}, { onSelect: () => {} }]) {
    const { container, unmount } = shown({ query: waits, ...changes });
    expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
      'Name',
      'Length',
    ]);
    expect(container.querySelector('[aria-busy="true"]')).toBeTruthy();
    expect(screen.queryAllByRole('rowheader')).toEqual([]);
    expect(container.textContent).not.toContain('Loading');
    unmount();
  }
});

test('what went wrong stands in place of the rows', () => {
  shown({ query: { ...waits, error: new Error('the disk is full') } });
  expect(screen.getAllByRole('columnheader')).toHaveLength(2);
  expect(screen.getByRole('alert').textContent).toContain('the disk is full');
});

test('a table that flows is sorted by its heads as one that scrolls, its first column naming the rows', () => {
  const sortable = columns.map((one) => ({ ...one, sortable: true, unseen: one.id === 'length' }));
  const names = [...sortable, { ...sortable[1], unseen: false, id: 'seen' }];
  for (const changes of [{}, { onSelect: () => {} }]) {
    const { container, unmount } = shown({ columns: names, rows: ['bbb', 'a', 'cc'], ...changes });
    const cells = () => [...container.querySelectorAll('tbody tr')].map((row) => row.textContent);
    const isGrid = 'onSelect' in changes;
    expect(screen.getByLabelText('Names').getAttribute('role')).toBe(isGrid ? 'grid' : null);
    expect(screen.getAllByRole('columnheader')).toHaveLength(2);
    fireEvent.click(screen.getByRole('button', { name: 'Length' }));
    expect(screen.getByRole('columnheader', { name: 'Length' }).getAttribute('aria-sort')).toBe('ascending');
    // A grid draws what is in sight, and here nothing has a size.
    if (!isGrid) expect(cells()).toEqual(['a1', 'cc2', 'bbb3']);
    expect(screen.queryAllByRole('rowheader')).toHaveLength(isGrid ? 0 : 3);
    unmount();
  }
});

test('of very many columns those in sight are drawn and asked for, and tell which they are', () => {
  const many = Array.from({ length: 12_000 }, (_, at) =>
    column<string>(`c${at}`, `Column ${at}`, 'text', () => `${at}`, { pinned: at === 0, grows: at === 0 }),
  );
  const asked = vi.fn<(ids: readonly string[]) => void>();
  const rows = { ...listSource(['a']), requestColumns: asked };
  const { container } = shown({ columns: many, rows, onSelect: () => {} });
  const heads = screen.getAllByRole('columnheader');
  expect(screen.getByRole('grid').getAttribute('aria-colcount')).toBe('12000');
  expect(heads.length).toBeLessThan(40);
  expect(heads.map((head) => head.getAttribute('aria-colindex'))).toEqual(heads.map((_, at) => `${at + 1}`));
  expect(asked).toHaveBeenCalledWith(heads.map((_, at) => `c${at}`));
  // What is not drawn has its room.
  const width = many.reduce((sum, one) => sum + widthOf(one), 0);
  expect(container.querySelector<HTMLElement>('.table-head')?.style.width).toBe(`${width}px`);
  // Else the first column would take all of it.
  expect(container.querySelector('[data-grows]')).toBeNull();
});
