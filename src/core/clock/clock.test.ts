import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ClockInput,
  clock,
  doneOf,
  type QueuedRun,
  type RunTime,
  type Told,
  type TrainingRun,
} from './clock.ts';
import { doneOf as epochsDone } from './facts.ts';
import { beginText, countsText, endText, queueText, spanText, startText } from './words.ts';

const NOW = new Date(2026, 0, 5, 20, 0).getTime();
const MIN = 60;

const told = (secondsLeft: number, changes: Partial<Told> = {}): Told => ({
  ...{ secondsLeft, secondsIfStopped: secondsLeft / 10, epoch: 30.5, epochs: 100, ago: 0 },
  ...changes,
});
const runs = (id: string, seconds: number | null, changes: Partial<TrainingRun> = {}): TrainingRun => ({
  ...{ id, slot: 'cpu', expected: null, state: 'training', away: null, since: 0, done: 0, epochs: 100 },
  told: seconds === null ? null : told(seconds),
  ...changes,
});
const exactly = (seconds: number, epochs: number | null = null) => ({ low: seconds, high: seconds, epochs });
const between = (low: number, high: number) => ({ low, high, epochs: null });
const waits = (id: string, seconds: number | null, changes: Partial<QueuedRun> = {}): QueuedRun => ({
  ...{
    id,
    slot: 'cpu',
    expected: seconds === null ? null : exactly(seconds),
    held: false,
    stands: false,
    done: 0,
    epochs: 100,
  },
  ...changes,
});
const input = (training: TrainingRun[], queued: QueuedRun[] = [], changes: Partial<ClockInput> = {}) => ({
  ...{ paused: false, slots: {}, training, queued, evaluations: 0 },
  ...changes,
});

/** What a person reads: the headline, and of each run what is left and when it ends. */
function words(given: ClockInput): string[] {
  const times = clock(given);
  return [
    `${countsText(times.counts)}. ${queueText(times, NOW)}`.trim(),
    ...Object.entries(times.runs).map(
      ([id, { left, ends }]) => `${id}: ${spanText(left)}, ${endText(ends, NOW)}`,
    ),
  ];
}

const CASES: [name: string, given: ClockInput, ...expected: string[]][] = [
  ['nothing', input([]), 'Nothing is running.'],
  ['one that trains', input([runs('a', 47 * MIN)]), '1 running. Done about 20:47.', 'a: 47 min, 20:47'],
  [
    'what it told is counted down while nothing more is told, as in validation and saving',
    input([runs('a', null, { told: told(9 * MIN, { ago: 4 * MIN }) })]),
    '1 running. Done about 20:05.',
    'a: 5 min, 20:05',
  ],
  [
    'a run that takes longer than it told is about to end, not unknown',
    input([runs('a', null, { told: told(MIN, { ago: 2 * MIN }) })]),
    '1 running. Done about 20:00.',
    'a: < 1 s, 20:00',
  ],
  [
    'stop after this epoch: the rest of the epoch and the test',
    input(
      [runs('a', null, { state: 'finishing', told: told(8 * MIN, { secondsIfStopped: 6 }) })],
      [waits('b', 10 * MIN)],
    ),
    '1 running, 1 waiting. Done about 20:10.',
    'a: 6 s, 20:00',
    'b: 10 min, 20:10',
  ],
  [
    'a run that stops frees its place at once, and has no end of its own',
    input([runs('a', 13 * MIN, { state: 'stopping' })], [waits('b', 10 * MIN)]),
    '1 running, 1 waiting. Done about 20:10.',
    'a: –, –',
    'b: 10 min, 20:10',
  ],
  [
    'nothing told yet: what a run alike took, less what has passed',
    input([runs('a', null, { expected: exactly(10 * MIN), since: 3 * MIN })]),
    '1 running. Done about 20:07.',
    'a: 7 min, 20:07',
  ],
  ['nothing known at all', input([runs('a', null)]), '1 running. 1 run has no estimate.', 'a: –, –'],
  [
    'what waits for something unknown has no end either',
    input([runs('a', null)], [waits('b', 5 * MIN)]),
    '1 running, 1 waiting. At least until 20:05; 1 run has no estimate.',
    'a: –, –',
    'b: 5 min, after 20:05',
  ],
  [
    'a sum with unknowns is the least that it can be',
    input(
      [runs('a', 42 * MIN)],
      [waits('b', 5 * MIN), ...Array.from({ length: 10 }, (_, at) => waits(`x${at}`, null))],
    ),
    '1 running, 11 waiting. At least until 20:47; 10 runs have no estimate.',
    'a: 42 min, 20:42',
    'b: 5 min, 20:47',
    ...Array.from({ length: 10 }, (_, at) => `x${at}: –, after 20:47`),
  ],
  [
    'paused is not waiting',
    input(
      [],
      Array.from({ length: 7 }, (_, at) => waits(`p${at}`, 60, { held: true })),
    ),
    '7 paused; nothing is waiting.',
    ...Array.from({ length: 7 }, (_, at) => `p${at}: 60 s, –`),
  ],
  [
    'a paused one takes no turn from those behind it',
    input([runs('a', 10 * MIN)], [waits('p', 60 * MIN, { held: true }), waits('b', 5 * MIN)]),
    '1 running, 1 waiting, 1 paused. Done about 20:15.',
    'a: 10 min, 20:10',
    'p: 1 h, –',
    'b: 5 min, 20:15',
  ],
  [
    'evaluations, of which no time is known, come before what waits on the processor, one at a time',
    input([runs('a', 10 * MIN)], [waits('b', 5 * MIN), waits('c', 5 * MIN, { slot: 'cuda' })], {
      evaluations: 2,
    }),
    '1 running, 2 waiting. At least until 20:15; 2 evaluations have no estimate.',
    'a: 10 min, 20:10',
    'b: 5 min, after 20:15',
    'c: 5 min, 20:05',
  ],
  [
    'evaluations leave a second slot to a run that waits',
    input([], [waits('b', null), waits('c', 5 * MIN)], { evaluations: 2, slots: { cpu: 2 } }),
    '2 waiting. At least until 20:05; 1 run and 2 evaluations have no estimate.',
    'b: –, –',
    'c: 5 min, after 20:05',
  ],
  [
    'evaluations alone',
    input([], [], { evaluations: 1 }),
    'Nothing is running. 1 evaluation has no estimate.',
  ],
  [
    'a paused machine takes no turn from another one',
    input([], [waits('a', 5 * MIN, { slot: 'lab', stands: true }), waits('b', 5 * MIN)]),
    '2 waiting. Done about 20:05.',
    'a: 5 min, –',
    'b: 5 min, 20:05',
  ],
  [
    'a paused queue: what trains ends, and nothing that waits does',
    input([runs('a', 10 * MIN)], [waits('b', 5 * MIN)], { paused: true }),
    '1 running, 1 waiting. The queue is paused. What is running ends about 20:10.',
    'a: 10 min, 20:10',
    'b: 5 min, –',
  ],
  [
    'a paused queue with nothing in training',
    input([], [waits('b', 5 * MIN)], { paused: true }),
    '1 waiting. The queue is paused.',
    'b: 5 min, –',
  ],
  [
    'two slots',
    input([runs('a', 10 * MIN), runs('b', 30 * MIN)], [waits('c', 5 * MIN), waits('d', 40 * MIN)], {
      slots: { cpu: 2 },
    }),
    '2 running, 2 waiting. Done about 20:55.',
    'a: 10 min, 20:10',
    'b: 30 min, 20:30',
    'c: 5 min, 20:15',
    'd: 40 min, 20:55',
  ],
  [
    'a slot beside an unknown run is free when the known one ends, or before',
    input([runs('a', null), runs('b', 30 * MIN)], [waits('c', 5 * MIN)], { slots: { cpu: 2 } }),
    '2 running, 1 waiting. At least until 20:30; 1 run has no estimate.',
    'a: –, –',
    'b: 30 min, 20:30',
    'c: 5 min, 20:05 to 20:35',
  ],
  [
    'devices work side by side',
    input(
      [runs('a', 10 * MIN), runs('g', 60 * MIN, { slot: 'cuda' })],
      [waits('b', 5 * MIN), waits('h', 5 * MIN, { slot: 'cuda' })],
    ),
    '2 running, 2 waiting. Done about 21:05.',
    'a: 10 min, 20:10',
    'g: 1 h, 21:00',
    'b: 5 min, 20:15',
    'h: 5 min, 21:05',
  ],
  [
    'a device with no slots starts nothing',
    input([], [waits('g', 5 * MIN, { slot: 'cuda' }), waits('b', 5 * MIN)], { slots: { cuda: 0 } }),
    '2 waiting. Done about 20:05.',
    'g: 5 min, –',
    'b: 5 min, 20:05',
  ],
  [
    'hosts are slots of their own, with as many runs as they take at a time',
    input(
      [runs('a', 10 * MIN, { slot: 'lab-2' })],
      [waits('b', 5 * MIN, { slot: 'lab-2' }), waits('c', 5 * MIN)],
      { slots: { 'lab-2': 4 } },
    ),
    '1 running, 2 waiting. Done about 20:10.',
    'a: 10 min, 20:10',
    'b: 5 min, 20:05',
    'c: 5 min, 20:05',
  ],
  [
    'a job that waits on a cluster has an estimate and no end',
    input([
      runs('a', 10 * MIN),
      runs('j', null, { slot: 'slurm', away: 'waiting', state: 'pending', expected: exactly(5 * MIN) }),
    ]),
    '1 running, 1 waiting. At least until 20:10; 1 run waits for another machine.',
    'a: 10 min, 20:10',
    'j: 5 min, after 20:05',
  ],
  [
    'another program trains: it has an end, and takes no slot',
    input([runs('x', 30 * MIN, { slot: null })], [waits('b', 5 * MIN)]),
    '1 running, 1 waiting. Done about 20:30.',
    'x: 30 min, 20:30',
    'b: 5 min, 20:05',
  ],
  [
    'a rough time is a range, and so is every sum with it',
    input(
      [runs('a', 10 * MIN)],
      [waits('r', null, { expected: between(5 * MIN, 20 * MIN) }), waits('b', 5 * MIN)],
    ),
    '1 running, 2 waiting. Done between 20:20 and 20:35.',
    'a: 10 min, 20:10',
    'r: 5 to 20 min, 20:15 to 20:30',
    'b: 5 min, 20:20 to 20:35',
  ],
  [
    'a checkpoint leaves the rest',
    input([], [waits('a', 50 * MIN, { done: 40, epochs: 50 })]),
    '1 waiting. Done about 20:10.',
    'a: 10 min, 20:10',
  ],
  [
    'as a seed before it, a run is likely to stop early',
    input([
      runs('a', 70 * MIN, {
        ...{ expected: exactly(30 * MIN, 37), since: 23 * MIN },
        told: told(70 * MIN, { epoch: 30, secondsIfStopped: MIN }),
      }),
    ]),
    '1 running. Done about 20:07.',
    'a: 7 min, 20:07',
  ],
  [
    'at first a run knows less of itself than the one alike',
    input([runs('a', null, { expected: exactly(60 * MIN), told: told(20 * MIN, { epoch: 25 }) })]),
    '1 running. Done about 20:50.',
    'a: 50 min, 20:50',
  ],
  [
    'a run that goes on from a checkpoint has taken its time before, and has the rest left',
    input([
      runs('a', null, { expected: exactly(50 * MIN), done: 40, epochs: 50, since: 4 * MIN }),
      runs('b', null, {
        expected: exactly(50 * MIN),
        told: told(9 * MIN, { epoch: 40, epochs: 50 }),
        slot: 'cuda',
        done: 30,
      }),
    ]),
    '2 running. Done about 20:09.',
    'a: 6 min, 20:06',
    'b: 9 min, 20:09',
  ],
  [
    'and once it has come further, it may need all its epochs',
    input([runs('a', null, { expected: exactly(30 * MIN, 37), told: told(60 * MIN, { epoch: 40 }) })]),
    '1 running. Done about 21:00.',
    'a: 1 h, 21:00',
  ],
  [
    'tomorrow',
    input([runs('a', 4 * 60 * MIN + 25 * MIN)]),
    '1 running. Done about tomorrow 00:25.',
    'a: 4 h 25 min, tomorrow 00:25',
  ],
  [
    'a range over midnight',
    input([], [waits('r', null, { expected: between(2 * 60 * MIN, 6 * 60 * MIN) })]),
    '1 waiting. Done between 22:00 and tomorrow 02:00.',
    'r: 2 to 6 h, 22:00 to tomorrow 02:00',
  ],
  [
    'days',
    input([runs('a', 3.2 * 24 * 60 * MIN)]),
    '1 running. Done about Fri 00:48.',
    'a: 3 days, Fri 00:48',
  ],
  [
    'weeks',
    input([runs('a', 20 * 24 * 60 * MIN)]),
    '1 running. Done about 2026-01-25 20:00.',
    'a: 20 days, 2026-01-25 20:00',
  ],
  [
    'a fit of no time',
    input([], [waits('a', 0.2), waits('b', 30)]),
    '2 waiting. Done about 20:00.',
    'a: < 1 s, 20:00',
    'b: 30 s, 20:00',
  ],
];

test.each(CASES)('%s', (_, given, ...expected) => {
  expect(words(given)).toEqual(expected);
});

test('a run says what it waits for', () => {
  const { runs: times } = clock(
    input([runs('a', 9 * MIN)], [waits('b', MIN), waits('c', null), waits('d', MIN)]),
  );
  expect(Object.values(times).map(({ after }) => after)).toEqual([null, 'a', 'b', 'c']);
  const starts = ({ begins, after }: RunTime) => startText(begins, after && `run ${after}`);
  expect(['a', 'b', 'd'].map((id) => starts(times[id]))).toEqual([
    'starts immediately',
    'starts after run a, about 9 min',
    'starts after run c, at least 10 min',
  ]);
  expect(beginText(times.b.begins, NOW)).toBe('about 20:09');
  expect(beginText(times.d.begins, NOW)).toBe('after 20:10');
  expect(beginText(clock(input([], [waits('p', 1, { held: true })])).runs.p.begins, NOW)).toBe(
    'when the queue is resumed',
  );
});

test('some runs are done when the last of them is, whatever waits behind them', () => {
  const { runs: times } = clock(input([runs('a', 100)], [waits('b', 10), waits('own', 5), waits('c', null)]));
  const some = (...ids: string[]) => doneOf(ids.map((id) => times[id]));
  expect(some('own')).toEqual({ ends: { low: 115, high: 115 }, unknown: 0, evaluations: 0, elsewhere: 0 });
  expect(some('own', 'c')).toMatchObject({ ends: { low: 115, high: Number.POSITIVE_INFINITY }, unknown: 1 });
});

const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
const slot = fc.constantFrom('cpu', 'cuda', 'lab-2');
const spans = fc
  .tuple(seconds, fc.double({ min: 1, max: 9, noNaN: true }))
  .map(([low, more]) => between(low, low * more));
const training = fc.record({
  seconds: fc.option(seconds),
  slot,
  state: fc.constantFrom('training' as const, 'finishing' as const, 'stopping' as const),
  expected: fc.option(spans),
});
const queued = fc.record({
  slot,
  held: fc.boolean(),
  expected: fc.option(spans),
  done: fc.integer({ min: 0, max: 99 }),
});
const anyInput = fc
  .record({
    training: fc.array(training, { maxLength: 4 }),
    queued: fc.array(queued, { maxLength: 12 }),
    slots: fc.dictionary(slot, fc.integer({ min: 1, max: 3 })),
  })
  .map(({ training, queued, slots }) =>
    input(
      training.map(({ seconds, ...run }, at) => runs(`t${at}`, seconds, run)),
      queued.map((run, at) => waits(`q${at}`, null, run)),
      { slots },
    ),
  );
/** The same, later: nothing is heard meanwhile. Where the clock was set back, less has passed than before. */
const later = (given: ClockInput, passed: number): ClockInput => ({
  ...given,
  training: given.training.map((run) => ({
    ...run,
    since: run.since + passed,
    told: run.told && { ...run.told, ago: run.told.ago + passed },
  })),
});
const all = (given: ClockInput): [string, RunTime][] => Object.entries(clock(given).runs);

test('the time left never grows while nothing is new but the clock', () => {
  fc.assert(
    fc.property(anyInput, seconds, (given, passed) => {
      const after = clock(later(given, passed)).runs;
      for (const [id, { left }] of all(given)) {
        if (left === null) expect(after[id].left).toBeNull();
        else {
          expect(after[id].left?.low).toBeLessThanOrEqual(left.low);
          expect(after[id].left?.high).toBeLessThanOrEqual(left.high);
        }
      }
    }),
  );
});

test('an end moves with the clock, and never before what is told is over', () => {
  fc.assert(
    fc.property(anyInput, seconds, (given, passed) => {
      const after = clock(later(given, passed)).runs;
      for (const [id, { ends }] of all(given)) {
        if (ends) expect((after[id].ends?.low ?? 0) + passed).toBeGreaterThanOrEqual(ends.low * (1 - 1e-9));
      }
    }),
  );
});

test('a clock that was set back adds nothing to what is left', () => {
  fc.assert(
    fc.property(anyInput, seconds, (given, back) => {
      const before = clock(given).runs;
      for (const [id, { left }] of all(later(given, -back))) expect(left).toEqual(before[id].left);
    }),
  );
});

test('a pause never makes an end earlier than what is left to do, and a paused queue states no end of what waits', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(), (given, which) => {
      for (const { id } of given.queued) expect(clock({ ...given, paused: true }).runs[id].ends).toBeNull();
      const at = given.queued.length === 0 ? 0 : which % given.queued.length;
      const paused = given.queued.map((run, index) => (index === at ? { ...run, held: true } : run));
      const [before, after] = [clock(given), clock({ ...given, queued: paused })];
      for (const [index, { id }] of given.queued.entries()) {
        if (index < at) expect(after.runs[id]).toEqual(before.runs[id]);
        if (index === at) expect(after.runs[id].ends).toBeNull();
        const { ends, left } = after.runs[id];
        if (ends && left) expect(ends.low).toBeGreaterThanOrEqual(left.low);
      }
    }),
  );
});

test('more work ends no run earlier, and what is unknown leaves no end known behind it', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(), seconds, (given, which, more) => {
      if (given.queued.length === 0) return;
      const at = which % given.queued.length;
      const changed = (expected: QueuedRun['expected']) => ({
        ...given,
        queued: given.queued.map((run, index) => (index === at ? { ...run, expected } : run)),
      });
      const { expected } = given.queued[at];
      const longer = clock(changed(expected && between(expected.low + more, expected.high + more))).runs;
      const unknown = clock(changed(null)).runs;
      for (const [id, { ends }] of all(given)) {
        if (!ends) continue;
        expect(longer[id].ends?.low).toBeGreaterThanOrEqual(ends.low - 1e-6);
        expect(unknown[id].ends?.high).toBeGreaterThanOrEqual(ends.high - 1e-6);
      }
    }),
  );
});

test('no epoch is done while what a training begins with is validated', () => {
  const progress = { epochs: 10, done: 3, total: 4, rate: 1, secondsLeft: null, unit: 'users', loss: null };
  const done = (phase: 'train' | 'validate' | 'test', epoch: number) =>
    epochsDone({ ...progress, phase, epoch } as Parameters<typeof epochsDone>[0]);
  expect([done('validate', 0), done('test', 0), done('train', 1), done('validate', 1)]).toEqual([
    0, 0, 0.75, 1,
  ]);
});
