/** The figures of a run that trains; dashes until its first progress. */
import type { TrainingProgress } from '../../core/api/runs.ts';
import type { Figure } from '../components/Figures.tsx';
import { durationText, untilText } from '../format/format.ts';
import { percentDone, rateText } from './RunStatus.tsx';

export function epochFigure(live: TrainingProgress | null): Figure {
  if (live === null) return { label: 'Epoch', value: '–' };
  if (live.epochs <= 1) return { label: 'Done', value: percentDone(live), detail: rateText(live) };
  return { label: 'Epoch', value: `${live.epoch} of ${live.epochs}`, detail: rateText(live) };
}

/** `now` in Unix milliseconds. */
export function timeLeftFigure(live: TrainingProgress | null, now: number): Figure {
  const left = live?.secondsLeft ?? null;
  const detail = left === null ? undefined : `ends ${untilText(now + 1000 * left, now)}`;
  return { label: 'Time left', value: durationText(left), detail };
}
