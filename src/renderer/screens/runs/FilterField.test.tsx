import { fireEvent, screen } from '@testing-library/react';
import { useRef, useState } from 'react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { DEFAULT_VIEW, type RunsView } from '../../runs/table/runs-view.ts';
import { FilterField } from './FilterField.tsx';

const fields: RunTableFields = {
  ...{
    runs: 1,
    archived: 0,
    decisive: [],
    config: [],
    differing: [],
    datasets: ['books'],
    projects: [],
    tags: [],
  },
  metrics: ['test/ndcg@10'],
  models: ['sasrec', 'hstu'],
};

function Shown({ told, first = DEFAULT_VIEW }: { told(view: RunsView): void; first?: RunsView }) {
  const [view, setView] = useState(first);
  const change = (changes: Partial<RunsView>) => {
    const next = { ...view, ...changes };
    setView(next);
    told(next);
  };
  const ref = useRef<HTMLInputElement>(null);
  return <FilterField ref={ref} view={view} fields={fields} onChange={change} />;
}

test('words search as they are typed, filters are set by Enter, and what cannot be read is said', async () => {
  const told = vi.fn<(view: RunsView) => void>();
  mount(<Shown told={told} />);
  const field = screen.getByRole<HTMLInputElement>('combobox', { name: 'Search runs' });
  const type = (value: string) => fireEvent.change(field, { target: { value } });
  fireEvent.focus(field);
  type('beauty ndcg@10 > high');
  await vi.waitFor(() => expect(told.mock.lastCall?.[0].search).toBe('beauty'));
  fireEvent.keyDown(field, { key: 'Enter' });
  expect((await screen.findByRole('alert')).textContent).toBe('"high" is not a number.');
  expect(told.mock.lastCall?.[0].filters).toEqual([]);
  type('beauty ndcg@10 > .05 model is s');
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(field.value).toBe('beauty ndcg@10 > .05 model is sasrec ');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(told.mock.lastCall?.[0]).toMatchObject({
    search: 'beauty',
    filters: [
      { field: 'metric:test/ndcg@10', operator: '>', value: 0.05 },
      { field: 'model', operator: '=', value: 'sasrec' },
    ],
  });
  expect(field.value).toBe('beauty');
});

test('a name with a slip offers the one that was meant', async () => {
  const told = vi.fn<(view: RunsView) => void>();
  mount(<Shown told={told} />);
  const field = screen.getByRole<HTMLInputElement>('combobox', { name: 'Search runs' });
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: 'data is looks' } });
  expect(screen.getByRole('alert').textContent).toBe('No run has "looks" here. Did you mean books?');
  fireEvent.click(screen.getByRole('button', { name: 'books' }));
  expect(field.value).toBe('data is books');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(told.mock.lastCall?.[0].filters).toEqual([{ field: 'dataset', operator: '=', value: 'books' }]);
});

test('the button offers fields, operators and values to the pointer, and what is starred and archived', async () => {
  const told = vi.fn<(view: RunsView) => void>();
  mount(<Shown told={told} />);
  const choose = async (...names: string[]) => {
    fireEvent.click(screen.getByRole('button', { name: 'Add filter' }));
    for (const name of names) fireEvent.click(await screen.findByRole('option', { name }));
  };
  await choose('Model', 'is not', 'HSTU');
  expect(told.mock.lastCall?.[0].filters).toEqual([{ field: 'model', operator: '!=', value: 'hstu' }]);
  await choose('Only starred runs');
  await choose('Only archived runs');
  expect(told.mock.lastCall?.[0]).toMatchObject({ starred: true, archived: 'only', search: '' });
  fireEvent.click(screen.getByRole('button', { name: 'Add filter' }));
  expect(await screen.findByRole('option', { name: 'Hide archived runs' })).toBeTruthy();
  expect(screen.queryByRole('option', { name: 'Only starred runs' })).toBeNull();
});

test('half a filter is there after a reload, unless another search is shown', async () => {
  const told = vi.fn<(view: RunsView) => void>();
  const field = () => screen.getByRole<HTMLInputElement>('combobox', { name: 'Search runs' });
  const { unmount } = mount(<Shown told={told} />);
  fireEvent.focus(field());
  fireEvent.change(field(), { target: { value: 'beauty ndcg@10 > ' } });
  await vi.waitFor(() => expect(told.mock.lastCall?.[0].search).toBe('beauty'));
  unmount();
  const again = mount(<Shown told={told} first={{ ...DEFAULT_VIEW, search: 'beauty' }} />);
  expect(field().value).toBe('beauty ndcg@10 > ');
  again.unmount();
  mount(<Shown told={told} first={{ ...DEFAULT_VIEW, search: 'films' }} />);
  expect(field().value).toBe('films');
});
