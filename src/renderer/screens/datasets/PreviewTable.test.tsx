import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { PreviewTable } from './PreviewTable.tsx';

test('a file of 5,000 columns costs forty, and each can be found', () => {
  const columns = Array.from({ length: 5000 }, (_, at) => `feature ${at}`);
  const file = {
    path: '/wide.csv',
    head: '',
    part: 'interactions' as const,
    kind: 'delimited' as const,
    gzip: false,
    encoding: 'utf-8' as const,
    separator: ',',
    header: true,
    columns,
    roles: { user: 'feature 0', item: 'feature 4999' },
    clicks: null,
    side: null,
    timeUnit: null,
    rows: [columns.map((_, at) => `value ${at}`)],
  };
  const told: unknown[] = [];
  const { container } = mount(
    <PreviewTable
      file={file}
      name="wide.csv"
      bad={[]}
      mixed={[]}
      onRole={(...role) => told.push(role)}
      onClickRole={() => {}}
    />,
  );
  const heads = () => screen.getAllByRole('columnheader');
  expect(heads()).toHaveLength(40);
  expect(container.querySelectorAll('*').length).toBeLessThan(600);
  expect(screen.getByRole('status').textContent).toBe('Columns 1 to 40 of 5,000');
  fireEvent.click(screen.getByRole('button', { name: 'Next 40' }));
  expect(screen.getByRole('status').textContent).toBe('Columns 41 to 80 of 5,000');
  expect(screen.getByRole('cell', { name: 'value 79' })).toBeTruthy();

  const search = screen.getByRole('searchbox', { name: 'Find a column' });
  fireEvent.change(search, { target: { value: 'FEATURE 499' } });
  fireEvent.blur(search);
  expect(screen.getByRole('status').textContent).toBe('Columns 1 to 11 of 11 that match, 5,000 in all');
  expect(screen.getByRole('button', { name: 'Previous 40' })).toHaveProperty('disabled', true);
  const last = within(heads()[10]).getByRole('combobox', { name: 'Meaning of feature 4999' });
  expect(last.textContent).toBe('Item');
  fireEvent.keyDown(last, { key: 'ArrowDown' });
  fireEvent.keyDown(screen.getByRole('option', { name: 'Time' }), { key: 'Enter' });
  expect(told).toEqual([['feature 4999', 'time']]);
  fireEvent.change(search, { target: { value: 'nothing' } });
  fireEvent.blur(search);
  expect(screen.getByRole('status').textContent).toContain('No column of this name');
});

test('a further column of interactions can be kept as what is known of each, and left again', () => {
  const file = {
    ...({
      path: '/events.csv',
      part: 'interactions',
      head: '',
      kind: 'delimited',
      gzip: false,
      encoding: 'utf-8',
    } as const),
    ...{
      separator: ',',
      header: true,
      columns: ['user', 'item', 'surface'],
      roles: { user: 'user', item: 'item' },
    },
    ...{
      clicks: null,
      side: null as Record<string, 'categorical'> | null,
      timeUnit: null,
      rows: [['a', 'b', 'home']],
    },
  };
  const told: unknown[] = [];
  const table = (side: typeof file.side) => (
    <PreviewTable
      file={{ ...file, side }}
      name="events.csv"
      bad={[]}
      mixed={[]}
      onRole={(...role) => told.push(role)}
      onClickRole={(...role) => told.push(['kept', ...role])}
    />
  );
  const choose = (name: string) => {
    fireEvent.keyDown(screen.getByRole('combobox', { name: 'Meaning of surface' }), { key: 'ArrowDown' });
    fireEvent.keyDown(screen.getByRole('option', { name }), { key: 'Enter' });
  };
  const { rerender } = mount(table(null));
  choose('Category');
  rerender(table({ surface: 'categorical' }));
  expect(screen.getByRole('combobox', { name: 'Meaning of surface' }).textContent).toBe('Category');
  choose('Not used');
  expect(told).toEqual([
    ['kept', 'surface', 'categorical'],
    ['kept', 'surface', 'ignore'],
  ]);
});
