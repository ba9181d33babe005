import type { TrainerEvent } from './events.ts';
import { GRAPH_ITEMS } from './progress.ts';

type Progress = Extract<TrainerEvent, { type: 'progress' }>;
type Told = Pick<Progress, 'phase' | 'epoch' | 'epochs' | 'done' | 'total' | 'unit'>;
export type Left = Required<Pick<Progress, 'secondsLeft' | 'secondsIfStopped'>>;

/** After the last epoch its best parameters are validated again, and tested: both with lists, which takes about twice as long. */
const FINAL_EVALUATIONS = 4;
/** Of the training of an epoch: what a validation is taken for before there was one. */
const EVALUATION_SHARE = 0.15;

interface Mark {
  /** Of training alone, without what lies between its epochs. */
  seconds: number;
  /** Of all epochs. */
  share: number;
}

/**
 * What a run still takes, from what it has told so far: its steps at the pace of the last half of them, as many gaps between
 * epochs as there will be (validations, checkpoints), and the evaluations at its end. Never null once it is known.
 */
export class TimeLeft {
  #marks: Mark[] = [];
  #trained = 0;
  #last: { told: Told; at: number; left: Left } | null = null;
  #lastTrained: { told: Told; at: number } | null = null;
  /** Seconds between epochs. */
  readonly #gaps: number[] = [];
  /** Seconds of the last evaluation that is complete. */
  #evaluation: number | null = null;
  /** The one that goes on, its number since the last step, and when what is counted at present began. */
  #evaluating: { since: number; number: number; countedSince: number } | null = null;

  /** `now` in seconds, of a clock that does not go back. */
  told(told: Told, now: number): Left {
    if (told.phase === 'train') this.#train(told, now);
    else if (told.phase !== 'prepare') this.#evaluate(told, now);
    const left = this.#left(told, now);
    this.#last = { told, at: now, left };
    return left;
  }

  #train(told: Told, now: number): void {
    const before = this.#lastTrained;
    const share = shareOf(told);
    const pace = this.#pace();
    if (before && share >= shareOf(before.told)) {
      const passed = now - before.at;
      const isGap = this.#last?.told.phase !== 'train' || told.epoch !== before.told.epoch;
      // The first steps of the epoch lie between the two messages, too.
      const gap = isGap ? Math.max(0, passed - (share - shareOf(before.told)) * (pace ?? 0)) : 0;
      if (isGap) this.#gaps.push(gap);
      this.#trained += passed - gap;
    } else {
      // It begins, or a fit has come to its next part.
      this.#marks = [];
    }
    this.#marks.push({ seconds: this.#trained, share });
    this.#lastTrained = { told, at: now };
    this.#evaluating = null;
  }

  #evaluate(told: Told, now: number): void {
    const { told: before, at = now } = this.#last ?? {};
    const isCounted = before?.phase === told.phase && before.unit === told.unit;
    const goesOn = isCounted && before.done < before.total && told.done >= before.done;
    const follows = before?.phase === told.phase && !isCounted && isAhead(before.unit);
    if (this.#evaluating === null || !(goesOn || follows))
      this.#evaluating = { since: at, number: (this.#evaluating?.number ?? 0) + 1, countedSince: at };
    else if (follows) this.#evaluating.countedSince = at;
    if (told.done >= told.total && !isAhead(told.unit)) this.#evaluation = now - this.#evaluating.since;
  }

  /** Seconds that all epochs would take at the pace of the last half of the steps: the first ones compile. */
  #pace(): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!last || last.share <= first.share) return null;
    const half = (first.share + last.share) / 2;
    const from = this.#marks.findLast(({ share }) => share <= half) ?? first;
    return (last.seconds - from.seconds) / (last.share - from.share);
  }

  #left(told: Told, now: number): Left {
    if (told.phase === 'train') return this.#inTraining(told) ?? this.#carried(now);
    return told.phase === 'prepare' ? this.#carried(now) : this.#inEvaluation(told, now);
  }

  #inTraining(told: Told): Left | null {
    const { epoch, epochs, unit } = told;
    const pace = this.#pace();
    if (pace === null) return null;
    const share = shareOf(told);
    if (!isByEpochs(unit)) {
      const secondsLeft = pace * (1 - share);
      return { secondsLeft, secondsIfStopped: secondsLeft };
    }
    const evaluation = this.#evaluation ?? (EVALUATION_SHARE * pace) / epochs;
    const gap = this.#gap() ?? evaluation;
    const final = FINAL_EVALUATIONS * evaluation;
    return {
      secondsLeft: pace * (1 - share) + gap * (epochs - epoch + 1) + final,
      secondsIfStopped: pace * (epoch / epochs - share) + gap + final,
    };
  }

  #inEvaluation(told: Told, now: number): Left {
    const { phase, epoch, epochs, done, total, unit } = told;
    const { since, number, countedSince } = this.#evaluating ?? { since: now, number: 1, countedSince: now };
    const passed = now - since;
    const asBefore = Math.max(0, (this.#evaluation ?? 0) - passed);
    const counted = done > 0 ? ((now - countedSince) / done) * (total - done) : asBefore;
    const rest = isAhead(unit) ? Math.max(counted, asBefore) : counted;
    const whole = done > 0 ? passed + rest : (this.#evaluation ?? 0);
    const trained = this.#lastTrained?.told;
    // Before the first step of this process: of what a training begins or goes on with, or an evaluation alone, which has no epochs ahead.
    const isFinal = number > 1 || (trained ? !isByEpochs(trained.unit) : epoch >= epochs);
    if (isFinal) {
      const secondsLeft = rest + (phase === 'validate' ? whole : 0);
      return { secondsLeft, secondsIfStopped: secondsLeft };
    }
    const secondsIfStopped = rest + FINAL_EVALUATIONS * whole;
    if (!trained) return { secondsLeft: null, secondsIfStopped };
    const ahead = (this.#pace() ?? 0) * (1 - shareOf(trained)) + (this.#gap() ?? whole) * (epochs - epoch);
    return { secondsLeft: secondsIfStopped + ahead, secondsIfStopped };
  }

  /** The mean of the later half: the first ones compile what ranks. */
  #gap(): number | null {
    const later = this.#gaps.slice(Math.floor(this.#gaps.length / 2));
    return later.length === 0 ? null : later.reduce((sum, gap) => sum + gap, 0) / later.length;
  }

  #carried(now: number): Left {
    if (this.#last === null) return { secondsLeft: null, secondsIfStopped: null };
    const { left, at } = this.#last;
    const after = (seconds: number | null) => seconds && Math.max(0, seconds - (now - at));
    return { secondsLeft: after(left.secondsLeft), secondsIfStopped: after(left.secondsIfStopped) };
  }
}

/** What an evaluation goes through before the users, rows or prompts that it counts to its end. */
const isAhead = (unit: string) => unit === GRAPH_ITEMS;

/** A fit in one go counts its own units. */
const isByEpochs = (unit: string) => unit === 'steps';

const shareOf = ({ epoch, epochs, done, total }: Told) =>
  (Math.max(1, epoch) - 1 + (total > 0 ? done / total : 1)) / Math.max(1, epochs);
