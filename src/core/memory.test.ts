import { totalmem } from 'node:os';
import { expect, it, onTestFinished, vi } from 'vitest';
import { freeMemory, type MemoryLimits, requireMemory, totalMemory } from './memory.ts';

const GIB = 2 ** 30;
const limits = (given: Partial<MemoryLimits>): MemoryLimits => ({
  ...{ available: 64 * GIB, constrained: 0, rss: GIB, arrayBuffers: 0, electron: false },
  ...given,
});

it.each<[string, Partial<MemoryLimits>, number]>([
  ['the system has left', {}, 63.5],
  ['a container allows beyond what the process has', { constrained: 16 * GIB }, 14.5],
  [
    'the system has left, where the container allows more',
    { available: 4 * GIB, constrained: 16 * GIB },
    3.5,
  ],
  ['no limit of a container changes', { constrained: 2 ** 64 }, 63.5],
  ["Electron's cage has left", { electron: true, arrayBuffers: 2 * GIB }, 13.5],
  ['there is, never less than nothing', { available: 0 }, 0],
])('free memory is what %s', (_, given, free) => {
  expect(freeMemory(limits(given)) / GIB).toBeCloseTo(free, 6);
});

it('a need says what it takes, what is free and how to need less', () => {
  const need = { claim: 'EASE takes 3.0 GiB', bytes: 3 * GIB, largest: 2.5 * GIB, advice: 'use itemknn' };
  expect(() => requireMemory(need, limits({}))).not.toThrow();
  expect(() => requireMemory(need, limits({ constrained: 4 * GIB }))).toThrow(
    'EASE takes 3.0 GiB, and 2.5 GiB are free; use itemknn',
  );
  expect(() => requireMemory(need, limits({ electron: true }))).toThrow(
    'EASE takes 3.0 GiB, 2.5 GiB of it in one array, and the desktop program allows 2.0 GiB; use itemknn, or train on ' +
      'the command line',
  );
});

it('the memory of the machine is never more than it has, nor than its container allows', () => {
  const constrained = vi.spyOn(process, 'constrainedMemory');
  onTestFinished(() => constrained.mockRestore());
  const totals = [0, 2 ** 20, 2 ** 64].map((limit) => {
    constrained.mockReturnValue(limit);
    return totalMemory();
  });
  expect(totals).toEqual([totalmem(), 2 ** 20, totalmem()]);
});
