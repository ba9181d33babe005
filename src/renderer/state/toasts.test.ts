import { afterAll, expect, test, vi } from 'vitest';

vi.mock('./api.ts', () => ({ problemText: String }));
vi.stubGlobal('document', { hidden: false });
vi.useFakeTimers();

afterAll(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const { holdToastsWhile, notify, useToasts } = await import('./toasts.ts');

test('a message stays while it is pointed at or has the focus', () => {
  let held = false;
  holdToastsWhile(() => held);
  notify({ level: 'info', title: 'Deleted a run' });
  vi.advanceTimersByTime(4_900);
  held = true;
  vi.advanceTimersByTime(20_000);
  expect(useToasts.getState().toasts).toHaveLength(1);
  held = false;
  vi.advanceTimersByTime(2_000);
  expect(useToasts.getState().toasts).toHaveLength(0);
});

test('a message that held all and was closed does not hold those after it', () => {
  holdToastsWhile(() => useToasts.getState().toasts.some(({ title }) => title === 'Deleted a run'));
  const close = notify({ level: 'info', title: 'Deleted a run' });
  notify({ level: 'info', title: 'Archived a run' });
  vi.advanceTimersByTime(20_000);
  expect(useToasts.getState().toasts).toHaveLength(2);
  close();
  vi.advanceTimersByTime(2_000);
  expect(useToasts.getState().toasts).toHaveLength(0);
});

test('of messages the last three stay for 5 seconds', () => {
  holdToastsWhile(() => false);
  for (let at = 0; at < 4; at++) notify({ level: 'info', title: `Moved ${at}` });
  const titles = () => useToasts.getState().toasts.map(({ title }) => title);
  expect(titles()).toEqual(['Moved 1', 'Moved 2', 'Moved 3']);
  vi.advanceTimersByTime(4_900);
  expect(titles()).toHaveLength(3);
  vi.advanceTimersByTime(100);
  expect(titles()).toEqual([]);
});

test('one that can be taken back stays for 10 seconds', () => {
  notify({ level: 'info', title: 'Moved 1', action: { label: 'Undo', perform: () => {} } });
  vi.advanceTimersByTime(9_900);
  expect(useToasts.getState().toasts).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(useToasts.getState().toasts).toHaveLength(0);
});

test('an error is pushed out by nothing that comes later', () => {
  useToasts.setState({ toasts: [] });
  notify({ level: 'error', title: 'Could not save' });
  for (let at = 0; at < 8; at++) notify({ level: 'info', title: `Archived ${at}` });
  expect(useToasts.getState().toasts.map(({ title }) => title)).toEqual([
    ...['Could not save', 'Archived 6', 'Archived 7'],
  ]);
});
