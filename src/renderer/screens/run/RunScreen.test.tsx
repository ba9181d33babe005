import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { RunPage } from '../../../core/api/runs.ts';
import type { SystemInfo } from '../../../core/api/settings.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import RunScreen from './RunScreen.tsx';

test('a run that was deleted elsewhere says so, and can be restored from where it stood', async () => {
  const run = { id: 'a', name: 'sasrec-films' };
  const make = vi.fn(() => []);
  useRoute.setState(parseRoute('#/run/a'));
  mount(<RunScreen />, {
    runs: { show: () => ({ run, series: [], deleted: true }) as unknown as RunPage },
    changes: { make },
    settings: { system: () => ({ homeKey: 'home' }) as SystemInfo },
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Restore run' }));
  expect(screen.getByText('This run was deleted')).toBeTruthy();
  const restored = { of: 'deleted', kind: 'run', ids: ['a'], to: false };
  await vi.waitFor(() =>
    expect(make).toHaveBeenCalledWith({ home: 'home', changes: [expect.objectContaining(restored)] }),
  );
});
