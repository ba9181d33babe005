/** Messages of an import as the window says them. */
import type { ClickRole } from '../../../core/api/datasets.ts';
import { durationText } from '../../format/format.ts';

const ROLE_NAMES: Record<ClickRole, string> = {
  label: 'Label',
  dense: 'Number',
  categorical: 'Category',
  multi: 'Several categories',
  user: 'User',
  item: 'Item',
  time: 'Time',
  ignore: 'Not used',
};

/** What a column of a click log, or a side column, means. */
export function roleName(role: ClickRole): string {
  return ROLE_NAMES[role];
}

const PHASES = {
  read: 'Reading the files',
  describe: 'Reading titles and side columns',
  filter: 'Filtering',
  order: 'Ordering the sequences',
  summarise: 'Summarising',
} as const;

export function phaseText(phase: keyof typeof PHASES): string {
  return PHASES[phase];
}

/** A step has to run this long before its time left is worth a word. */
const TELLS_AFTER_SECONDS = 2;

/** "34 %, about 12 s left" of a step that has run for so many seconds; the next steps come on top. */
export function shareDoneText(fraction: number, seconds: number): string {
  const left = (seconds / fraction) * (1 - fraction);
  const isTelling = seconds > TELLS_AFTER_SECONDS && fraction > 0.02 && fraction < 1;
  return `${Math.round(100 * fraction)} %${isTelling ? `, about ${durationText(left)} left` : ''}`;
}
