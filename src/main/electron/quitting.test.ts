import { describe, expect, it, vi } from 'vitest';
import { Quitting } from './quitting.ts';

/** The program's end as Electron drives it: what is prevented goes no further. */
function program({ fails = false, longestMs = 10_000 } = {}) {
  const closed = Promise.withResolvers<void>();
  const calls: string[] = [];
  const quitting = new Quitting({
    close: () => {
      calls.push('close');
      return closed.promise;
    },
    quit: () => calls.push('quit'),
    relaunch: () => calls.push('relaunch'),
    onProblem: (error) => calls.push(String(error)),
    longestMs,
  });
  const prevented = (ask: (event: { preventDefault(): void }) => void) => {
    const preventDefault = vi.fn();
    ask({ preventDefault });
    return preventDefault.mock.calls.length > 0;
  };
  return {
    calls,
    quitting,
    quits: () => !prevented((event) => quitting.beforeQuit(event)),
    closesWindow: (last: boolean) => !prevented((event) => quitting.windowCloses(event, last)),
    stopped: async () => {
      if (fails) closed.reject(new Error('no'));
      else closed.resolve();
      await new Promise(setImmediate);
    },
  };
}

describe('the end of the desktop program', () => {
  it('waits until everything has stopped, however often it is asked for', async () => {
    const { calls, quits, closesWindow, stopped } = program();
    expect([quits(), quits(), closesWindow(true), closesWindow(false)]).toEqual([false, false, false, false]);
    expect(calls).toEqual(['close']);
    await stopped();
    expect(calls).toEqual(['close', 'quit']);
    expect([quits(), closesWindow(true)]).toEqual([true, true]);
    expect(calls).toEqual(['close', 'quit']);
  });

  it('begins with its window where it ends with it, and else not', () => {
    const mac = program();
    expect(mac.closesWindow(false)).toBe(true);
    expect(mac.calls).toEqual([]);
    const other = program();
    expect(other.closesWindow(true)).toBe(false);
    expect(other.calls).toEqual(['close']);
  });

  it('comes when closing fails, and when it takes too long', async () => {
    const failing = program({ fails: true });
    failing.quits();
    await failing.stopped();
    expect(failing.calls).toEqual(['close', 'Error: no', 'quit']);
    expect(failing.quits()).toBe(true);
    const stuck = program({ longestMs: 20 });
    stuck.quits();
    await expect.poll(() => stuck.calls).toEqual(['close', 'quit']);
  });

  it('opens no window on what is closing, and starts again instead', async () => {
    const { calls, quitting, quits, stopped } = program();
    expect(quitting.mayOpen()).toBe(true);
    quits();
    expect([quitting.mayOpen(), quitting.mayOpen()]).toEqual([false, false]);
    await stopped();
    expect(calls).toEqual(['close', 'relaunch', 'quit']);
  });
});
