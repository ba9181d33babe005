/** A queue on a seed: what is said at half time of how long it all takes, and how long it took. */
import { type ClockInput, clock, type ExpectedTime, type Told } from '../../src/core/clock/clock.ts';
import { doneOf } from '../../src/core/clock/facts.ts';
import { Random } from '../../src/core/math/random.ts';
import { TimeLeft } from '../../src/core/training/time-left.ts';
import { type Course, PHASES, toldAt } from './course.ts';
import { varied, withEpochs } from './generate.ts';

/** Seconds, of the whole from half time on. */
export interface Statement {
  stated: number | null;
  true: number;
  what: string;
}

const TRAIN = PHASES.indexOf('train');

interface Planned {
  id: string;
  course: Course;
  expected: ExpectedTime | null;
  held: boolean;
  /** Asked so many seconds after it began, where it is: to end after its epoch, or at once. */
  wish: { at: number; kind: 'finish' | 'stop' } | null;
}

interface Placed extends Planned {
  begins: number;
  ends: number;
  /** As it came, with what was asked. */
  real: Course;
}

/** A recorded course by itself. `before`: those recorded before it, of which one may be alike. */
export function recordedStatement(course: Course, before: readonly Course[]): Statement {
  const alike = before.findLast(({ model, epochs }) => model === course.model && epochs === course.epochs);
  const expected = alike ? { low: alike.seconds, high: alike.seconds, epochs: null } : null;
  return statementOf([{ id: course.model, course, expected, held: false, wish: null }], 1);
}

/** One to four runs on one or two slots, paused, waiting and stopped. */
export function generatedStatement(courses: readonly Course[], seed: number): Statement {
  const random = new Random(seed, 0, 'courses');
  const count = 1 + random.below(4);
  const planned = Array.from({ length: count }, (_, at): Planned => {
    const chosen = courses[random.below(courses.length)];
    const epochs = Math.max(3, Math.round(chosen.epochs * (0.7 + 3 * random.uniform())));
    const course = varied(withEpochs(chosen, epochs, { random }), random);
    // What does not train yet has no button to end after its epoch.
    const begun = course.moments.find(([phase]) => phase === TRAIN)?.[4] ?? 0;
    const alike = course.seconds * Math.exp(0.05 * random.normal());
    return {
      id: `${at} ${course.model}`,
      course,
      expected: { low: alike, high: alike, epochs: null },
      held: at > 0 && random.uniform() < 0.2,
      wish:
        random.uniform() < 0.3
          ? {
              at: begun + random.uniform() * (course.seconds - begun),
              kind: count === 1 || random.uniform() < 0.6 ? 'finish' : 'stop',
            }
          : null,
    };
  });
  return statementOf(planned, 1 + random.below(2));
}

/** What is asked after half time is left out: nobody can know of it. */
function statementOf(planned: readonly Planned[], slots: number): Statement {
  const placed = placedOf(planned, slots);
  const half = Math.max(...placed.map(({ ends }) => ends)) / 2;
  const late = placed.filter(({ wish, begins }) => wish !== null && begins + wish.at > half);
  if (late.length > 0) {
    const ids = new Set(late.map(({ id }) => id));
    return statementOf(
      planned.map((run) => (ids.has(run.id) ? { ...run, wish: null } : run)),
      slots,
    );
  }
  const { ends } = clock(inputAt(half, placed, planned, slots));
  return {
    stated: ends && Number.isFinite(ends.high) ? (ends.low + ends.high) / 2 : null,
    true: half,
    what: placed
      .map(({ course, wish }) => `${course.model} ${course.epochs}${wish ? ` ${wish.kind}` : ''}`)
      .join(', '),
  };
}

function placedOf(planned: readonly Planned[], slots: number): Placed[] {
  const free = Array<number>(slots).fill(0);
  return planned
    .filter(({ held }) => !held)
    .map((run) => {
      const slot = free.indexOf(Math.min(...free));
      const begins = free[slot];
      const real = realOf(run);
      free[slot] = begins + real.seconds;
      return { ...run, real, begins, ends: free[slot] };
    });
}

function realOf({ course, wish }: Planned): Course {
  if (wish === null) return course;
  if (wish.kind === 'stop') {
    const moments = course.moments.filter(([, , , , at]) => at <= wish.at);
    return { ...course, moments, seconds: wish.at + 1 };
  }
  const epoch = course.moments.findLast(([, , , , at]) => at <= wish.at)?.[1] ?? 1;
  return withEpochs(course, course.epochs, { trained: Math.min(course.epochs, Math.max(1, epoch)) });
}

function inputAt(
  now: number,
  placed: readonly Placed[],
  planned: readonly Planned[],
  slots: number,
): ClockInput {
  const queued = (run: Planned) => ({ ...run, slot: 'cpu', stands: false, done: 0, epochs: 0 });
  return {
    paused: false,
    slots: { cpu: slots },
    evaluations: 0,
    training: placed
      .filter(({ begins, ends }) => begins <= now && ends > now)
      .map((run) => {
        const asked = run.wish !== null && run.begins + run.wish.at <= now ? run.wish.kind : null;
        const state = asked === 'stop' ? 'stopping' : asked === 'finish' ? 'finishing' : 'training';
        const { id, expected, begins } = run;
        const told = toldBy(run.real, now - begins);
        return {
          id,
          slot: 'cpu',
          expected,
          away: null,
          state,
          since: now - begins,
          done: 0,
          epochs: 0,
          told,
        };
      }),
    queued: [
      ...placed.filter(({ begins }) => begins > now).map(queued),
      ...planned.filter(({ held }) => held).map(queued),
    ],
  };
}

/** What its trainer has said so long after its beginning. */
function toldBy(course: Course, since: number): Told | null {
  const time = new TimeLeft();
  let told: Told | null = null;
  for (const moment of course.moments) {
    const at = moment[4];
    if (at > since) break;
    const progress = toldAt(course, moment);
    const { secondsLeft, secondsIfStopped } = time.told(progress, at);
    if (secondsLeft === null) continue;
    const epoch = doneOf({ ...progress, type: 'progress', rate: 0, secondsLeft, loss: null });
    told = {
      secondsLeft,
      secondsIfStopped: secondsIfStopped ?? 0,
      epoch,
      epochs: course.epochs,
      ago: since - at,
    };
  }
  return told;
}
