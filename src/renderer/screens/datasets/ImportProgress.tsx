import type { ImportState } from '../../../core/api/datasets.ts';
import { Working } from '../../components/Progress.tsx';
import { durationText, shareDoneText } from '../../format/format.ts';
import { client } from '../../state/api.ts';
import { useNow } from '../../state/now.ts';
import { attempt } from '../../state/toasts.ts';

/** An import under way: which phase, how far, for how long, and how to stop it. */
export function ImportProgress({ state }: { state: ImportState }) {
  const { id, name, phase, fraction } = state;
  const now = useNow();
  return (
    <Working
      label={`${name}: ${phaseText(phase)}`}
      fraction={fraction}
      detail={doneText(state, now)}
      cancel="Cancel import"
      onCancel={() =>
        void attempt('The import could not be cancelled', () => client.datasets.cancelImport({ id }))
      }
    />
  );
}

function doneText({ startedAt, phaseStartedAt, fraction }: ImportState, now: number): string {
  const elapsed = durationText((now - startedAt) / 1000);
  return `${shareDoneText(fraction, (now - phaseStartedAt) / 1000)} · ${elapsed}`;
}

/** Messages of an import as the window says them. */
const PHASES = {
  read: 'Reading the files',
  describe: 'Reading titles and side columns',
  filter: 'Filtering',
  order: 'Ordering the sequences',
  summarise: 'Summarising',
} as const;

function phaseText(phase: keyof typeof PHASES): string {
  return PHASES[phase];
}
