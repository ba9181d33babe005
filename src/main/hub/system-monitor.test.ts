import { expect, it, onTestFinished, vi } from 'vitest';
import { SystemMonitor } from './system-monitor.ts';

it('goes on where a sample cannot be stored', async () => {
  const rejections: unknown[] = [];
  const listener = (error: unknown) => rejections.push(error);
  process.on('unhandledRejection', listener);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const stored = vi.fn(() => {
    throw new Error('the disk is full');
  });
  const monitor = new SystemMonitor(stored);
  onTestFinished(() => {
    monitor.stop();
    vi.useRealTimers();
    process.off('unhandledRejection', listener);
  });
  monitor.watch(process.pid);
  for (const calls of [1, 2]) {
    await vi.advanceTimersByTimeAsync(2_000);
    await expect.poll(() => stored.mock.calls.length).toBe(calls);
  }
  await new Promise(setImmediate);
  expect(rejections).toEqual([]);
});

it('looks at a process no second time while the first look takes its time', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const answer = Promise.withResolvers<null>();
  const look = vi.fn(() => answer.promise);
  const monitor = new SystemMonitor(() => {}, look);
  onTestFinished(() => {
    monitor.stop();
    vi.useRealTimers();
  });
  monitor.watch(process.pid);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(look).toHaveBeenCalledTimes(1);
  answer.resolve(null);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(look).toHaveBeenCalledTimes(2);
});
