/** Messages of an import as the window says them. */
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
