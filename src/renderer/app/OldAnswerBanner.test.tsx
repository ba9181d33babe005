import { useQuery } from '@tanstack/react-query';
import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import { api, queryClient } from '../state/api.ts';
import { OldAnswerBanner } from './OldAnswerBanner.tsx';

function Projects() {
  const { data } = useQuery(api.projects.list.queryOptions());
  return <p>{data?.length} projects</p>;
}

test('an answer that cannot be refreshed stays, and says how old it is until it can', async () => {
  const list = vi.fn(() => []);
  mount(
    <>
      <OldAnswerBanner />
      <Projects />
    </>,
    { projects: { list } },
  );
  expect(await screen.findByText('0 projects')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  list.mockImplementationOnce(() => {
    throw new Error('the disk is gone');
  });
  await queryClient.invalidateQueries();
  expect((await screen.findByRole('alert')).textContent).toMatch(
    /^Could not refresh; from .+ ago. the disk is gone/,
  );
  expect(screen.getByText('0 projects')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});
