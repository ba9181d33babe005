/** The figures of a run that trains; dashes until its first progress. */
import { endText, isRough, type RunTime, spanText } from '../../core/api/clock.ts';
import type { TrainingProgress } from '../../core/api/runs.ts';
import type { Figure } from '../components/Figures.tsx';
import { percentDone, rateText } from './RunStatus.tsx';

export function epochFigure(live: TrainingProgress | null): Figure {
  if (live === null) return { label: 'Epoch', value: '–' };
  if (live.epochs <= 1) return { label: 'Done', value: percentDone(live), detail: rateText(live) };
  return { label: 'Epoch', value: `${live.epoch} of ${live.epochs}`, detail: rateText(live) };
}

/** `now` in Unix milliseconds. */
export function timeLeftFigure({ left, ends }: RunTime, now: number): Figure {
  const end = endText(ends, now);
  const detail = left === null ? undefined : `${isRough(left) ? 'rough; ' : ''}ends ${end}`;
  return { label: 'Time left', value: spanText(left), detail };
}
