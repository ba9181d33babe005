import { expect, test, vi } from 'vitest';
import { confirmed } from '../components/Confirm.tsx';
import { openNewRun, useNewRun } from '../new-run/new-run.ts';
import { takeFiles, useDrops } from './drops.ts';
import { enterHome } from './home-store.ts';
import { useSelectedRuns } from './selected-runs.ts';
import { notify, useToasts } from './toasts.ts';

test('in another data folder nothing of the one before is left, and what went on for it ends', async () => {
  expect(enterHome('/a')).toBe(false);
  notify({ level: 'error', title: 'Could not delete it', action: { label: 'Undo', perform: () => {} } });
  openNewRun({ dataset: 'films' });
  useSelectedRuns.setState({ rows: new Map([['r', ['r']]]) });
  const answer = confirmed({ title: 'Delete it?', body: '', action: 'Delete' });
  const left = vi.fn();
  void takeFiles(({ signal }) => {
    signal.addEventListener('abort', left);
    return new Promise(() => {});
  }, left);
  expect(enterHome('/a')).toBe(false);
  expect(useToasts.getState().toasts).toHaveLength(1);

  expect(enterHome('/b')).toBe(true);
  expect(useToasts.getState().toasts).toEqual([]);
  expect(useNewRun.getState().template).toBeNull();
  expect(useSelectedRuns.getState().rows.size).toBe(0);
  expect(useDrops.getState().transfers).toEqual([]);
  expect(left).toHaveBeenCalledOnce();
  expect(await answer).toBe(false);
});
