import { fireEvent, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import { useAddress } from '../state/navigation.ts';
import { EmptyList } from './EmptyList.tsx';

const list = (
  <EmptyList kind="run" title="No runs yet" text="Train one.">
    <button type="button">New run</button>
  </EmptyList>
);
const day = (date: number) => new Date(2026, 11, date).getTime();

test('a list that is empty because its last rows were deleted leads to the trash, and says until when', async () => {
  mount(list, {
    trash: { kept: ({ kind }: { kind: string }) => ({ count: kind === 'run' ? 2 : 0, purgedAt: day(27) }) },
  });
  expect(await screen.findByText('All 2 runs are in the trash')).toBeTruthy();
  expect(screen.getByText('Restored as they were until 2026-12-27.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'New run' })).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Open trash' }));
  await expect.poll(() => useAddress.getState().screen).toBe('trash');
});

test('a list that never had anything says so, also where nobody can tell what is in the trash', async () => {
  const { unmount } = mount(list, { trash: { kept: () => ({ count: 0, purgedAt: null }) } });
  expect(await screen.findByText('No runs yet')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Open trash' })).toBeNull();
  unmount();
  mount(list);
  expect(await screen.findByText('No runs yet')).toBeTruthy();
});
