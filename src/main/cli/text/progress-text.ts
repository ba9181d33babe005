import { aboutText } from '../../../core/clock/words.ts';
import { fixed, grouped } from '../../../core/documents/format.ts';
import type { TrainerEvent } from '../../../core/training/events.ts';

type Progress = Extract<TrainerEvent, { type: 'progress' }>;

/** A metric of the validation, the best one so far. */
export interface BestValue {
  metric: string;
  value: number;
  epoch: number;
}

const BAR_WIDTH = 16;
const PHASES = { prepare: 'Preparing', train: 'Training', validate: 'Validating', test: 'Testing' } as const;

/** ━━━━──── */
function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return '━'.repeat(full) + '─'.repeat(BAR_WIDTH - full);
}

function rateText({ rate, unit }: Progress): string {
  return rate > 0 ? `${rate < 10 ? rate.toFixed(1) : grouped(rate)} ${unit}/s` : '';
}

/**
 * Progress in one line of at most `width` columns: phase, epoch, loss, best value, time left, rate. If
 * they do not fit, the least important ones are left out.
 */
export function progressText(progress: Progress, best: BestValue | null, width: number): string {
  const { phase, epoch, epochs, done, total, loss, secondsLeft } = progress;
  const share = total > 0 ? done / total : 0;
  const head = `${PHASES[phase].padEnd(10)} ${bar(share)} ${String(Math.floor(100 * share)).padStart(3)} %`;
  const parts = [
    epochs > 1 ? `epoch ${epoch}/${epochs}` : '',
    loss === null ? '' : `loss ${fixed(loss, 4)}`,
    secondsLeft === null ? '' : `${aboutText(secondsLeft)} left`,
    best ? `best ${best.metric} ${fixed(best.value, 4)}` : '',
    rateText(progress),
  ].filter((part) => part !== '');
  let line = head;
  for (const part of parts) if (line.length + 2 + part.length <= width) line += `  ${part}`;
  return line.slice(0, Math.max(0, width));
}

/** How far it is, in a few words: "training, epoch 3/20, 25 %". */
export function stageOf({ phase, epoch, epochs, done, total }: Progress): string {
  const parts = [
    PHASES[phase].toLowerCase(),
    epochs > 1 ? `epoch ${epoch}/${epochs}` : '',
    `${Math.floor((100 * done) / Math.max(1, total))} %`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The same for a log: no bar, nothing rewritten. */
export function progressLine(progress: Progress, best: BestValue | null): string {
  const { phase, epoch, epochs, done, total, unit, loss, secondsLeft } = progress;
  const parts = [
    epochs > 1 ? `epoch ${epoch}/${epochs}` : '',
    PHASES[phase].toLowerCase(),
    `${grouped(done)} of ${grouped(total)} ${unit}`,
    loss === null ? '' : `loss ${fixed(loss, 4)}`,
    best ? `best ${best.metric} ${fixed(best.value, 4)} in epoch ${best.epoch}` : '',
    rateText(progress),
    secondsLeft === null ? '' : `${aboutText(secondsLeft)} left`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
