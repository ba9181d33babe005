/** Courses like recorded ones: another speed, steps that vary, another load, another number of epochs, a stop after an epoch. */
import type { Random } from '../../src/core/math/random.ts';
import { type Course, type Moment, PHASES } from './course.ts';

/** A part of a course: a phase of an epoch, and what comes before its first moment. */
interface Part {
  phase: number;
  epoch: number;
  moments: Moment[];
}

function partsOf({ moments }: Course): Part[] {
  const parts: Part[] = [];
  for (const moment of moments) {
    const last = parts.at(-1);
    const before = last?.moments.at(-1);
    const goesOn = before && before[0] === moment[0] && before[1] === moment[1] && before[2] < moment[2];
    if (last && goesOn) last.moments.push(moment);
    else parts.push({ phase: moment[0], epoch: moment[1], moments: [moment] });
  }
  return parts;
}

const TRAIN = PHASES.indexOf('train');

/** The parts of one epoch, and those before all and after all of them. */
function epochsOf(course: Course): { before: Part[]; epochs: Part[][]; after: Part[] } {
  const parts = partsOf(course);
  const first = parts.findIndex(({ phase }) => phase === TRAIN);
  const lastTraining = parts.findLastIndex(({ phase }) => phase === TRAIN);
  if (first < 0 || course.unit !== 'steps') return { before: parts, epochs: [], after: [] };
  const validates =
    parts[lastTraining + 1]?.epoch === parts[lastTraining].epoch && parts.length > lastTraining + 3;
  const end = lastTraining + (validates ? 2 : 1);
  const epochs = Map.groupBy(parts.slice(first, end), ({ epoch }) => epoch);
  return { before: parts.slice(0, first), epochs: [...epochs.values()], after: parts.slice(end) };
}

interface EpochOptions {
  /** A stop after so many makes the last of them the last of all. */
  trained?: number;
  /** Draws epochs from those that there are; without it, they keep their order. The first one compiles. */
  random?: Random;
}

/** With as many epochs. */
export function withEpochs(
  course: Course,
  epochs: number,
  { trained = epochs, random }: EpochOptions,
): Course {
  const { before, epochs: own, after } = epochsOf(course);
  if (own.length === 0) return course;
  const later = (at: number) => (random ? 1 + random.below(own.length - 1) : at);
  const chosen = Array.from({ length: trained }, (_, at) => (at === 0 || own.length === 1 ? 0 : later(at)));
  const parts: [parts: Part[], epoch: number][] = [
    [before, 0],
    ...chosen.map((at, index): [Part[], number] => [own[at], index + 1]),
    [after, trained],
  ];
  const moments: Moment[] = [];
  let shift = 0;
  const startOf = (part: Part) => {
    const at = course.moments.indexOf(part.moments[0]);
    return at === 0 ? 0 : course.moments[at - 1][4];
  };
  for (const [group, epoch] of parts) {
    for (const part of group) {
      const start = startOf(part);
      for (const [phase, , done, total, at] of part.moments)
        moments.push([phase, epoch, done, total, shift + at - start]);
      shift = moments.at(-1)?.[4] ?? 0;
    }
  }
  const tail = course.seconds - (course.moments.at(-1)?.[4] ?? 0);
  return { ...course, epochs, moments, seconds: shift + tail };
}

/** Faster or slower as a whole, with a load that changes slowly, and parts that take now more, now less. */
export function varied(course: Course, random: Random): Course {
  const speed = Math.exp(0.3 * random.normal());
  const [waves, phase] = [1 + 3 * random.uniform(), random.uniform()];
  let [before, at] = [0, 0];
  const later = (time: number, noise: number) => {
    const load = 1 + 0.08 * Math.sin(2 * Math.PI * (phase + (waves * time) / course.seconds));
    at += Math.max(0, time - before) * speed * load * noise;
    before = time;
    return at;
  };
  const moments = course.moments.map(
    ([kind, epoch, done, total, time]): Moment => [
      kind,
      epoch,
      done,
      total,
      later(time, Math.exp(0.08 * random.normal())),
    ],
  );
  return { ...course, moments, seconds: later(course.seconds, 1) };
}
