import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../test/form.ts';
import { Random } from '../../math/random.ts';
import { nextStep, type PastTrial, rankedTrials, type Search } from './searcher.ts';
import { spaceOf } from './space.ts';

const SPACE = spaceOf(
  [
    { key: 'rate', values: 'log:1e-4..1e-1' },
    { key: 'loss', values: 'bce,softmax' },
    { key: 'negatives', values: '1..64', when: { loss: ['bce'] } },
  ],
  (key) => key === 'negatives',
);
const search = (more: Partial<Search> = {}): Search => ({
  ...{ search: 'tpe', trials: 30, draw: 1, space: SPACE, rungs: [27] },
  ...more,
});
const ASHA = { asha: { min: 1, eta: 3 }, rungs: [1, 3, 9, 27] };
const ended = (settings: object, loss: number, more: Partial<PastTrial> = {}): PastTrial => ({
  ...{ settings: { ...settings }, losses: [loss], state: 'ended', seconds: 60, seeds: [1] },
  ...more,
});

/** Plays a search with so many places, which end in a random order; `loss` of settings after so many epochs. */
function played(asked: Search, places: number, order: Random): PastTrial[] {
  const past: PastTrial[] = [];
  const training = new Map<number, number>();
  for (let guard = 0; guard < 10_000; guard++) {
    const step = training.size < places ? nextStep(asked, past) : { next: 'wait' as const };
    if (step.next === 'nothing') return past;
    if (step.next === 'trial') {
      training.set(past.length, 0);
      past.push({ settings: step.settings, losses: [], state: 'trains', seconds: 0, seeds: [1] });
    } else if (step.next === 'promotion') {
      training.set(step.trial, asked.rungs.indexOf(step.epochs));
      past[step.trial] = { ...past[step.trial], state: 'trains' };
    } else if (step.next === 'wait') {
      const at = [...training.keys()][order.below(training.size)];
      const rung = training.get(at) as number;
      training.delete(at);
      const { settings } = past[at];
      const loss = (Math.log10(Number(settings.rate)) + 2) ** 2 + (settings.loss === 'bce' ? 0 : 1) - rung;
      const losses = [...past[at].losses];
      while (losses.length <= rung) losses.push(loss);
      past[at] = { ...past[at], losses, state: rung === asked.rungs.length - 1 ? 'ended' : 'stands' };
    }
  }
  throw new Error('it does not end');
}

it('ends with as many different trials as were asked for, whatever the order in which they end', () => {
  const kinds = fc.tuple(
    fc.constantFrom('random' as const, 'tpe' as const),
    fc.boolean(),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(),
  );
  fc.assert(
    fc.property(kinds, ([kind, stops, places, seed]) => {
      const asked = search({ search: kind, draw: seed, trials: 25, ...(stops ? ASHA : {}) });
      const past = played(asked, places, new Random(seed));
      expect(past).toHaveLength(25);
      expect(new Set(past.map(({ settings }) => JSON.stringify(settings))).size).toBe(25);
      for (const { settings } of past) expect('negatives' in settings).toBe(settings.loss === 'bce');
      if (!stops) return;
      const reached = ASHA.rungs.map((_, rung) => past.filter(({ losses }) => losses.length > rung).length);
      expect(reached[0]).toBe(25);
      // Nobody waits for a rung to fill: a few more may go on than a third of it.
      for (const [at, count] of reached.slice(1).entries())
        expect(count).toBeGreaterThanOrEqual(Math.floor(reached[at] / 3));
      expect(reached[1]).toBeLessThan(25);
    }),
    { numRuns: runs(12) },
  );
});

it('says the same of the same trials, and begins as a random search does', () => {
  const past: PastTrial[] = [];
  const drawn: PastTrial[] = [];
  for (let at = 0; at < 14; at++) {
    const step = nextStep(search(), past);
    expect(nextStep(search(), structuredClone(past))).toEqual(step);
    if (step.next !== 'trial') throw new Error(step.next);
    past.push(ended(step.settings, at));
    const other = nextStep(search({ search: 'random' }), drawn);
    if (other.next === 'trial') drawn.push(ended(other.settings, at));
  }
  const settings = (trials: PastTrial[], to: number) => trials.slice(0, to).map((one) => one.settings);
  expect(settings(past, 10)).toEqual(settings(drawn, 10));
  expect(settings(past, 14)).not.toEqual(settings(drawn, 14));
  expect(nextStep(search({ draw: 2 }), [])).not.toEqual(nextStep(search(), []));
});

it('proposes near what was good, and keeps away from what trains and what failed', () => {
  const random = new Random(3);
  const rates = Array.from({ length: 40 }, () => 10 ** (-4 + 3 * random.uniform()));
  const past = rates.map((rate) => ended({ rate, loss: 'softmax' }, (Math.log10(rate) + 2) ** 2));
  const near = (trials: PastTrial[]) => {
    const proposals = Array.from({ length: 30 }, (_, draw) =>
      nextStep(search({ trials: 100, draw }), trials),
    );
    const logs = proposals.flatMap((step) =>
      step.next === 'trial' ? Math.log10(Number(step.settings.rate)) : [],
    );
    return logs.filter((log) => Math.abs(log + 2) < 0.3).length;
  };
  expect(near(past)).toBeGreaterThan(20);
  const failing = Array.from({ length: 12 }, (_, at) =>
    ended({ rate: 0.009 + 0.0002 * at, loss: 'softmax' }, 0, {
      losses: [],
      state: at % 2 ? 'failed' : 'trains',
    }),
  );
  expect(near([...past, ...failing])).toBeLessThan(near(past));
});

it('tries all there are and ends', () => {
  const space = spaceOf([{ key: 'a', values: '1,2,3' }], () => false);
  for (const kind of ['grid', 'random', 'tpe'] as const)
    expect(played(search({ search: kind, space, rungs: [1] }), 2, new Random(1))).toHaveLength(3);
});

it('stops by rule: after so many that were no better, and after so many hours', () => {
  const past = [3, 1, 2, 4, 1].map((loss, at) => ended({ rate: 0.001 * (at + 1), loss: 'softmax' }, loss));
  const next = (stop: Search['stop'], trials = past) => nextStep(search({ stop }), trials);
  expect(next({ unimproved: 3 })).toEqual({ next: 'nothing', end: 'unimproved' });
  expect(next({ unimproved: 4 }).next).toBe('trial');
  expect(next({ hours: 5 / 60 })).toEqual({ next: 'nothing', end: 'hours' });
  expect(next({ hours: 6 / 60 }).next).toBe('trial');
  const training = [...past, ended({ rate: 0.05, loss: 'softmax' }, 0, { losses: [], state: 'trains' })];
  expect(next({ unimproved: 3 }, training)).toEqual({ next: 'wait' });
  expect(next({ unimproved: 1 }, []).next).toBe('trial');
});

it('trains the finalists from every seed at the end, to the last epoch', () => {
  const asked = search({ ...ASHA, trials: 4, finalists: { trials: 2, seeds: [1, 2] } });
  const past = [
    ended({ rate: 0.001, loss: 'softmax' }, 0, { losses: [5], state: 'stands' }),
    ended({ rate: 0.002, loss: 'softmax' }, 0, { losses: [4, 3, 3, 3] }),
    ended({ rate: 0.003, loss: 'softmax' }, 0, { losses: [], state: 'failed' }),
    ended({ rate: 0.004, loss: 'softmax' }, 0, { losses: [4.5, 2], state: 'stands' }),
  ];
  expect(rankedTrials(past)).toEqual([1, 3, 0]);
  const steps: object[] = [];
  for (let step = nextStep(asked, past); step.next !== 'nothing'; step = nextStep(asked, past)) {
    steps.push(step);
    if (step.next === 'promotion')
      past[step.trial] = { ...past[step.trial], state: 'ended', losses: [4.5, 2, 1, 1] };
    if (step.next === 'seed') past[step.trial] = { ...past[step.trial], seeds: [1, 2] };
    if (steps.length > 9) throw new Error('it does not end');
  }
  expect(steps).toEqual([
    { next: 'promotion', trial: 3, epochs: 27 },
    { next: 'seed', trial: 3, seed: 2 },
    { next: 'seed', trial: 1, seed: 2 },
  ]);
});

it('takes the next best for a finalist that failed on its way to the last epoch', () => {
  const asked = search({ ...ASHA, trials: 3, finalists: { trials: 2, seeds: [1, 2] } });
  const past = [
    ended({ rate: 0.001, loss: 'softmax' }, 0, { losses: [5], state: 'stands' }),
    ended({ rate: 0.002, loss: 'softmax' }, 0, { losses: [4, 3, 3, 3], seeds: [1, 2] }),
    ended({ rate: 0.003, loss: 'softmax' }, 0, { losses: [4.5, 2], state: 'failed' }),
  ];
  expect(nextStep(asked, past)).toEqual({ next: 'promotion', trial: 0, epochs: 27 });
});
