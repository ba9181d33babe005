/** The laws of a scaling study in words, for the window and reports. */
import { countText } from '../../names.ts';
import { isTold, isWorseThanGuessing, type StudyLaw, type StudyPoint } from '../../studies/analysis.ts';
import { lawAt, MIN_SIZES } from '../../studies/fit.ts';
import { duration, fixed } from '../format.ts';
import { shortNumber } from './words.ts';

/** What ten times more would still gain is nothing worth training for below this share of the loss. */
const AT_FLOOR = 0.005;

export interface LawStatement {
  /** "Loss falls as N", with the exponent above the line. */
  fact: string;
  exponent?: string;
  /** "towards 6.011 nats" */
  towards?: string;
  limit: string;
  /** The numbers behind it. */
  numbers: string[];
  /** What follows from them. */
  conclusion?: string;
}

const whatFalls = ({ metric }: StudyLaw) => (metric === 'cross-entropy' ? 'Loss' : '1 − NDCG@10');
const unitOf = ({ metric }: StudyLaw) => (metric === 'cross-entropy' ? ' nats' : '');
const isOverSize = ({ axis }: StudyLaw) => axis === 'parameters';

/** Of the law that a study is about: over the largest share, or of the largest size. */
export function lawStatement(law: StudyLaw, next: number | null): LawStatement {
  const { fit, points } = law;
  const [what, several] = isOverSize(law) ? ['size', 'sizes'] : ['share of the users', 'shares of the users'];
  if (isWorseThanGuessing(law)) {
    return {
      fact: 'Worse than guessing',
      limit: `; every ${what} loses more than the ${fixed(law.guess, 2)} nats of a guess among all items`,
      numbers: ['There is nothing to fit: train longer, or check the loss and the learning rate.'],
    };
  }
  if (!fit) {
    const missing = MIN_SIZES - points.length;
    if (missing <= 0) return { fact: `No law for these ${several}`, limit: '', numbers: law.problems };
    const time = next === null ? '' : `, about ${duration(next).replace(/ 0 s$/, '')}`;
    return {
      fact: missing === 1 ? `One more ${what} for a law` : `${missing} more ${several} for a law`,
      limit: `; ${points.length} of ${MIN_SIZES} ${points.length === 1 ? 'is' : 'are'} measured${missing === 1 ? time : ''}`,
      numbers: [],
    };
  }
  if (Number.isNaN(fit.law.alpha)) {
    return { fact: `${whatFalls(law)} does not fall with ${what}`, limit: '', numbers: fit.cautions };
  }
  const symbol = isOverSize(law) ? 'N' : 'D';
  if (!isTold(law)) {
    const limit = `; ${points.length} ${several} cannot tell exponent and floor apart`;
    return { fact: 'No law yet', limit, ...numbersOf(law) };
  }
  const { alpha, e } = fit.law;
  return {
    fact: `${whatFalls(law)} falls as ${symbol}`,
    exponent: `−${fixed(alpha, 2)}`,
    towards: e > 0 ? `towards ${fixed(e, 3)}${unitOf(law)}` : undefined,
    limit: predictedText(law),
    ...numbersOf(law),
  };
}

function predictedText({ heldOut, axis }: StudyLaw): string {
  if (!heldOut) return '; the largest was not predicted';
  const { predicted, measured, inside } = heldOut;
  const off = (100 * (measured - predicted)) / predicted;
  const what = axis === 'parameters' ? 'size' : 'share';
  if (inside) return `; the largest ${what} was predicted within ${fixed(Math.abs(off), 1)} %`;
  return `; the largest ${what} came out ${fixed(Math.abs(off), 1)} % ${off > 0 ? 'above' : 'below'} what was predicted`;
}

function numbersOf(law: StudyLaw): Pick<LawStatement, 'numbers' | 'conclusion'> {
  const { fit, points, heldOut } = law;
  const largest = points.at(-1);
  if (!fit || !largest) return { numbers: [] };
  const { alpha, e } = fit.intervals;
  const numbers = [
    `Exponent ${shortNumber(alpha[0])} to ${shortNumber(alpha[1])}, floor ${shortNumber(e[0])} to ${shortNumber(e[1])} (95 %), R² ${fixed(fit.r2, 4)}.`,
  ];
  if (!isTold(law)) return { numbers };
  if (heldOut) {
    const range = heldOut.interval.map((end) => fixed(end, 3)).join(' to ');
    numbers.push(
      `${heldOut.label} was predicted as ${fixed(heldOut.predicted, 3)} (${range}), and measured as ${fixed(heldOut.measured, 3)}.`,
    );
  }
  const gain = lawAt(fit.law, largest.x) - lawAt(fit.law, 10 * largest.x);
  const what = isOverSize(law) ? `the parameters of ${largest.label}` : 'the data';
  numbers.push(`Ten times ${what} would gain ${fixed(gain, 3)}${unitOf(law)}`);
  return { numbers, conclusion: gain < AT_FLOOR * largest.y ? 'it is at its floor' : undefined };
}

/** Seconds of one size more, as the time grew from the last but one to the last; null where nothing tells. */
export function nextSeconds(points: readonly StudyPoint[]): number | null {
  const share = Math.max(...points.map((point) => point.share));
  const bySize = Map.groupBy(
    points.filter((point) => point.share === share && point.seconds !== null),
    ({ size }) => size,
  );
  const times = [...bySize]
    .sort(([a], [b]) => a - b)
    .map(([, cells]) => cells.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0) / cells.length);
  const [before, last] = times.slice(-2);
  if (last === undefined) return before ?? null;
  return last * Math.max(1, last / before);
}

export interface NextStep {
  text: string;
  seconds: number | null;
}

/** What would tell more, with its time where the study's own runs tell it. */
export function nextSteps(
  law: StudyLaw,
  points: readonly StudyPoint[],
  seeds: number,
  shares: number,
): NextStep[] {
  const steps: NextStep[] = [];
  const missing = MIN_SIZES + 1 - law.points.length;
  if (isOverSize(law) && missing > 0) {
    const each = nextSeconds(points);
    steps.push({
      text: `${countText(missing, 'larger size')}, for a law that is tested`,
      seconds: missing === 1 ? each : null,
    });
  }
  const largest = law.points.slice(-2).map(({ label }) => label);
  if (seeds === 1 && largest.length === 2) {
    const spent = points.filter(({ label, share }) => largest.includes(label) && share === 1);
    const isTimed = spent.length > 0 && spent.every(({ seconds }) => seconds !== null);
    const seconds = spent.reduce((sum, point) => sum + (point.seconds ?? 0), 0);
    steps.push({
      text: `Three seeds of ${largest.join(' and ')}`,
      seconds: isTimed ? 2 * seconds : null,
    });
  }
  if (shares > 1 && shares < MIN_SIZES) {
    steps.push({
      text: `${countText(MIN_SIZES - shares, 'more share')}, for a law over data`,
      seconds: null,
    });
  }
  return steps;
}

/** A statement in one line, with the numbers behind it. */
export function lawSentences(law: StudyLaw): string {
  const { fact, exponent, towards, limit, numbers, conclusion } = lawStatement(law, null);
  const head = [exponent ? `${fact}^(${exponent})` : fact, towards].filter(Boolean).join(' ');
  const told = numbers.map((text) => text.replace(/\.$/, '')).join('. ');
  return `${head}${limit}. ${told}${conclusion ? `: ${conclusion}` : ''}${told === '' ? '' : '.'}`.trim();
}
