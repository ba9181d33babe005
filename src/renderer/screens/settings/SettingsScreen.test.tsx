import { waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { Settings, SystemInfo } from '../../../core/api/settings.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import SettingsScreen from './SettingsScreen.tsx';

test('the address of hosts in the settings leads to the machines', async () => {
  useRoute.setState(parseRoute('#/settings/hosts/lab'));
  mount(<SettingsScreen />, {
    settings: {
      read: () => ({ slots: {}, device: 'auto' }) as unknown as Settings,
      system: () => ({ threads: 2 }) as SystemInfo,
    },
    devices: { list: () => [] },
  });
  await waitFor(() => expect(location.hash).toBe('#/machines/lab'));
});
