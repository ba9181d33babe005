import { screen } from '@testing-library/react';
import { act } from 'react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { useRunsView } from './use-runs-view.ts';

function Looked() {
  const [{ search, fold }] = useRunsView();
  return <output>{JSON.stringify({ search, fold })}</output>;
}

test('a project opens without what was searched in another one, and as runs are looked at', async () => {
  const show = (address: string) => act(() => useRoute.setState(parseRoute(address)));
  show('#/runs?project=b&search=seed2&fold=false');
  mount(<Looked />, { settings: { readView: () => null } });
  const looked = () => JSON.parse(screen.getByRole('status').textContent ?? '');
  await expect.poll(looked).toEqual({ search: 'seed2', fold: false });
  show('#/runs?project=a');
  await expect.poll(looked).toEqual({ search: '', fold: false });
});
