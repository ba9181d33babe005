import { afterAll, expect, test, vi } from 'vitest';

vi.mock('./api.ts', () => ({ problemText: String }));
vi.stubGlobal('document', { hidden: false });
vi.useFakeTimers();

afterAll(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const { holdToasts, notify, useToasts } = await import('./toasts.ts');

test('a message stays while it is pointed at or has the focus', () => {
  notify({ level: 'info', title: 'Deleted a run' });
  vi.advanceTimersByTime(5_000);
  holdToasts(true);
  vi.advanceTimersByTime(20_000);
  expect(useToasts.getState().toasts).toHaveLength(1);
  holdToasts(false);
  vi.advanceTimersByTime(2_000);
  expect(useToasts.getState().toasts).toHaveLength(0);
});
