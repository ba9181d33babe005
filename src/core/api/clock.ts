/** One clock says when runs begin and end. */
export {
  type Clock,
  clock,
  type Done,
  doneOf,
  type ExpectedTime,
  type RunTime,
  type Span,
  sumOf,
  timeOf,
} from '../clock/clock.ts';
export {
  type ClockFacts,
  clockInput,
  doneOf as epochsDone,
  type Heard,
  type NewRun,
  queueCounts,
  timesOfNew,
  trainingRun,
} from '../clock/facts.ts';
export {
  aboutText,
  beginText,
  calendarDays,
  countsText,
  doneText,
  endText,
  isRough,
  queueText,
  spanText,
  startText,
  untilText,
  whenText,
} from '../clock/words.ts';
