import { describe, expect, it } from 'vitest';
import { type Left, TimeLeft } from './time-left.ts';

const [EPOCHS, STEPS, STEP, VALIDATION, SAVE] = [10, 20, 0.5, 4, 1];
const WHOLE = EPOCHS * (STEPS * STEP + VALIDATION + SAVE) + 4 * VALIDATION;

type Phase = 'prepare' | 'train' | 'validate' | 'test';

/** Tells a whole training, and what it says of its time at every moment. */
function told(): { phase: Phase; epoch: number; at: number; left: Left }[] {
  const time = new TimeLeft();
  const all: ReturnType<typeof told> = [];
  let at = 100;
  const say = (phase: Phase, epoch: number, done: number, total: number, unit: string) =>
    all.push({ phase, epoch, at, left: time.told({ phase, epoch, epochs: EPOCHS, done, total, unit }, at) });
  const evaluate = (phase: Phase, epoch: number, seconds: number) => {
    for (const part of [1, 2, 3, 4]) {
      at += seconds / 4;
      say(phase, epoch, part, 4, 'users');
    }
  };
  say('prepare', 0, 1, 2, 'items');
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    for (let step = 1; step <= STEPS; step++) {
      at += STEP;
      say('train', epoch, step, STEPS, 'steps');
    }
    evaluate('validate', epoch, VALIDATION);
    at += SAVE;
  }
  // With lists.
  evaluate('validate', EPOCHS, 2 * VALIDATION);
  evaluate('test', EPOCHS, 2 * VALIDATION);
  return all;
}

describe('the time left of a training', () => {
  const all = told();
  const end = all.at(-1)?.at ?? 0;

  it('is known from the second step on, and never forgotten: not in validation, nor in the test', () => {
    const known = all.findIndex(({ left }) => left.secondsLeft !== null);
    expect(all[known]).toMatchObject({ phase: 'train', epoch: 1 });
    expect(all.slice(known).filter(({ left }) => left.secondsLeft === null)).toEqual([]);
  });

  it('counts the validations and checkpoints between epochs, and the test', () => {
    for (const { phase, epoch, at, left } of all.filter((one) => one.epoch > 1)) {
      const off = Math.abs((left.secondsLeft ?? 0) - (end - at));
      expect(off, `${phase} of epoch ${epoch}`).toBeLessThan(0.05 * WHOLE);
    }
  });

  it('says what is left if the epoch is the last one: its rest and the test', () => {
    const late = all.filter(({ phase, epoch }) => phase === 'train' && epoch === 5);
    const stopped = late.map(({ left }) => left.secondsIfStopped ?? 0);
    const last = VALIDATION + SAVE + 4 * VALIDATION;
    expect(stopped[0]).toBeCloseTo((STEPS - 1) * STEP + last, 0);
    expect(stopped.at(-1)).toBeCloseTo(last, 0);
  });
});

it('a fit in one go, and an evaluation, end with their test', () => {
  const time = new TimeLeft();
  const say = (phase: Phase, done: number, at: number) =>
    time.told(
      { phase, epoch: 1, epochs: 1, done, total: 10, unit: phase === 'train' ? 'items' : 'users' },
      at,
    );
  say('train', 1, 1);
  expect(say('train', 5, 5).secondsLeft).toBeCloseTo(5);
  say('train', 10, 10);
  expect(say('validate', 5, 15).secondsLeft).toBeCloseTo(15);
  say('validate', 10, 20);
  expect(say('test', 5, 25).secondsLeft).toBeCloseTo(5);
});

it('an evaluation that makes a graph of the items first is one evaluation, and takes as long as both', () => {
  const time = new TimeLeft();
  let at = 0;
  const say = (phase: Phase, epoch: number, [done, total]: readonly [number, number], unit: string) => {
    at++;
    return time.told({ phase, epoch, epochs: 3, done, total, unit }, at).secondsLeft;
  };
  const halves = [
    [1, 2],
    [2, 2],
  ] as const;
  const left: (number | null)[] = [];
  const evaluate = (phase: Phase, epoch: number) => {
    for (const unit of ['items of the item graph', 'users'])
      for (const part of halves) left.push(say(phase, epoch, part, unit));
  };
  for (let epoch = 1; epoch <= 3; epoch++) {
    for (const part of halves) say('train', epoch, part, 'steps');
    evaluate('validate', epoch);
  }
  // As long as the validations before.
  left.length = 0;
  evaluate('validate', 3);
  evaluate('test', 3);
  expect(left).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
});

describe('a validation before the first step of this process', () => {
  const told = (time: TimeLeft, phase: Phase, epoch: number, done: number, total: number, at: number) =>
    time.told({ phase, epoch, epochs: 4000, done, total, unit: phase === 'train' ? 'steps' : 'users' }, at);

  // Of what a training begins with; of an epoch whose last step was the last before a stop; the same where there are no validation items.
  it.each([
    ['validate', 0],
    ['validate', 18],
    ['test', 18],
  ] as const)('in the phase %s of epoch %i is not the end of 4,000', (phase, epoch) => {
    const time = new TimeLeft();
    for (const part of [1, 2, 3, 4]) {
      const { secondsLeft, secondsIfStopped } = told(time, phase, epoch, part, 4, 6 * part);
      expect(secondsLeft).toBeNull();
      if (part === 2) expect(secondsIfStopped).toBeCloseTo(6 + 4 * 12);
    }
    expect(told(time, 'train', epoch + 1, 1, 40, 25).secondsLeft).toBeNull();
    expect(told(time, 'train', epoch + 1, 2, 40, 26).secondsLeft).toBeGreaterThan((3999 - epoch) * 40);
  });

  it('in the last epoch is followed by the evaluations at the end alone', () => {
    const time = new TimeLeft();
    expect(told(time, 'validate', 4000, 1, 2, 5).secondsLeft).not.toBeNull();
  });
});
