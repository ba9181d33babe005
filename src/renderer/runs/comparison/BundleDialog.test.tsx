import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { BundleLook } from '../../../core/api/reproduce.ts';
import { BundleDialog } from './BundleDialog.tsx';

const look: BundleLook = {
  members: [
    { name: 'README.md', bytes: 900 },
    { name: 'configs/a.json', bytes: 2000 },
    { name: 'configs/b.json', bytes: 2000 },
    { name: 'results/lists.parquet', bytes: 5_000_000 },
  ],
  left: ['the data: reproduce asks for them by their hashes'],
  checks: [
    { what: 'Opens in an empty data folder', detail: '2 runs', isGood: true },
    { what: 'No folder, host or user name', detail: 'found in README.md', isGood: false },
  ],
  ...{ bytes: 4_000_000, runs: 2 },
};

async function* steps() {
  yield { doing: 'the report' };
  return look;
}

test('what is in it, what is left out and what was looked at stand before it is written', async () => {
  const start = vi.fn(() => ({ id: 'w' }));
  const onClose = vi.fn();
  const asked = vi.fn(steps);
  mount(<BundleDialog of={{ runs: ['a', 'b'] }} title="Table 2" onClose={onClose} />, {
    reproduce: { lookAtBundle: asked as never },
    work: { start },
  });
  expect(await screen.findByText('4.0 MB without the data')).toBeTruthy();
  expect(screen.getByText('Settings of the runs')).toBeTruthy();
  expect(screen.getByText(/^The data: reproduce asks for them/)).toBeTruthy();
  expect(screen.getByText('found in README.md').closest('li')?.className).toContain('warning');
  expect(asked).toHaveBeenCalledWith({ runs: ['a', 'b'], title: 'Table 2', hasLists: true });
  fireEvent.click(screen.getByRole('checkbox', { name: /Recommended items/ }));
  await vi.waitFor(() =>
    expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ hasLists: false })),
  );
  fireEvent.change(screen.getByRole('textbox', { name: 'Title of the bundle' }), {
    target: { value: ' Two ' },
  });
  fireEvent.click(screen.getByRole('button', { name: 'Write bundle' }));
  const input = { runs: ['a', 'b'], title: 'Two', hasLists: false, folder: '' };
  await vi.waitFor(() => expect(start).toHaveBeenCalledWith({ of: 'bundle', input }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
});
