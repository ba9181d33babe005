/** Messages of an import as the window says them. */
import type { ClickRole } from '../../../core/api/datasets.ts';

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
