import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { mount } from '../../../../test/window/mount.tsx';
import { logQuery, type ProgramLog, type SystemInfo } from '../../../core/api/settings.ts';
import { shell } from '../../shell/window-shell.ts';
import LogScreen from './LogScreen.tsx';

const SYSTEM = {
  version: '1.0.0',
  shell: 'browser',
  platform: 'linux',
  log: '/h/logs/tessera.log',
} as SystemInfo;
const NONE: ProgramLog = { lines: [], hasMore: false, warnings: 0, errors: 0 };
const ONE: ProgramLog = {
  ...{ hasMore: false, warnings: 3, errors: 1 },
  lines: [{ time: 1e12, level: 'error', area: 'run', text: 'hstu: failed' }],
};

function show(answer: (query: z.input<typeof logQuery>) => ProgramLog) {
  const log = vi.fn(answer);
  mount(<LogScreen />, { settings: { log, system: () => SYSTEM } });
  return log;
}

test('the log is narrowed by level, and says how many warnings and errors there are', async () => {
  const log = show(({ level }) => (level === 'warn' ? NONE : ONE));
  expect(await screen.findByRole('button', { name: 'Errors 1' })).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Warnings 3' }));
  expect(await screen.findByText('No line matches')).toBeTruthy();
  expect(log.mock.lastCall?.[0]).toMatchObject({ level: 'warn', area: null, since: 'stored' });
});

test('what is saved for a bug report is asked for without names, and is all that is stored', async () => {
  const log = show(({ anonymous }) =>
    anonymous ? { ...ONE, lines: [{ ...ONE.lines[0], text: '<run 1>: failed' }] } : ONE,
  );
  const saved = vi.spyOn(shell, 'saveFile').mockResolvedValue(null);
  fireEvent.click(await screen.findByRole('button', { name: 'Save for a bug report' }));
  await waitFor(() => expect(saved).toHaveBeenCalledOnce());
  const [name, content] = saved.mock.calls[0];
  expect(name).toBe('tessera-log.txt');
  expect(await content.text()).toBe(
    'Tessera 1.0.0, browser, linux\n2001-09-09T01:46:40.000Z error run <run 1>: failed\n',
  );
  const asked = log.mock.calls.map(([query]) => query).find(({ anonymous }) => anonymous);
  expect(logQuery.parse(asked)).toMatchObject({ since: 'stored', level: 'info', area: null, find: '' });
});
