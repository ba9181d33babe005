import { expect, it } from 'vitest';
import { type AshaTrial, promoted, rungsOf } from './asha.ts';

it.each([
  [{ min: 1, eta: 3 }, 27, [1, 3, 9, 27]],
  [{ min: 3, eta: 3 }, 81, [3, 9, 27, 81]],
  [{ min: 4, eta: 3 }, 100, [4, 11, 33, 100]],
  [{ min: 5, eta: 2 }, 20, [5, 10, 20]],
  [{ min: 30, eta: 3 }, 20, [20]],
  [{ min: 1, eta: 3 }, 1, [1]],
  [{ min: 1, eta: 2 }, 2, [1, 2]],
])('has rungs down to the least: %#', (options, epochs, rungs) => {
  expect(rungsOf(options, epochs)).toEqual(rungs);
});

const stands = (...losses: number[]): AshaTrial => ({ losses, waits: true });
const gone = (...losses: number[]): AshaTrial => ({ losses, waits: false });
const RUNGS = [1, 3, 9];

it('lets the best third of a rung go on, the highest rung first, and each once', () => {
  expect(promoted([stands(0.3), stands(0.1)], RUNGS, 3)).toBeNull();
  const three = [stands(0.3), stands(0.1), stands(0.2)];
  expect(promoted(three, RUNGS, 3)).toBe(1);
  expect(promoted([three[0], gone(0.1), three[2]], RUNGS, 3)).toBeNull();
  const six = [...three, stands(0.4), stands(0.05), stands(0.6)];
  expect(promoted(six, RUNGS, 3)).toBe(4);
  expect(promoted([stands(3, 2), stands(3, 1), stands(3, 3), ...six], RUNGS, 3)).toBe(1);
  expect(promoted([], RUNGS, 3)).toBeNull();
});

it('lets none take the place of one that failed or ended at a rung, and none go beyond the last', () => {
  expect(promoted([gone(0.1), stands(0.2), stands(0.3)], RUNGS, 3)).toBeNull();
  expect(promoted([gone(0.1), stands(0.2), stands(0.3)], RUNGS, 2)).toBeNull();
  const ended = Array.from({ length: 6 }, (_, at) => stands(at, at, at));
  expect(promoted(ended, RUNGS, 2)).toBeNull();
});
