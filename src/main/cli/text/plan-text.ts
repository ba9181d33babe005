/** What a plan takes, in lines of a terminal. */
import { isRough, spanText } from '../../../core/clock/words.ts';
import { capital, countText } from '../../../core/names.ts';
import type { PlanTakes, RowTakes } from '../../../core/plans/plan-views.ts';
import { textTable } from '../terminal/text-table.ts';

const HEADINGS = ['Table', 'Data', 'Split', 'Model', 'Trials', 'Runs', 'To train', 'Time'];

/** Every row with what there is of it, and a last line that says what is trained and for how long. */
export function takesText({
  blocks,
  done,
  missing,
  diverged,
  trials,
  time,
  otherVersions,
}: PlanTakes): string {
  const lines = blocks.flatMap(({ table, dataset, split, rows, sources }) => {
    const first = sources.map(({ of, ...source }) => ({
      ...source,
      name: capital(`${source.name}, for ${of.join(', ')}`),
    }));
    return [...first, ...rows].map((row) => [String(table + 1), dataset, split, row.name, ...countsOf(row)]);
  });
  if (lines.length === 0) return '';
  const all = [...(trials > 0 ? [countText(trials, 'trial')] : []), countText(missing, 'run')].join(' and ');
  const takes =
    missing + trials === 0
      ? `Nothing to train: ${diverged > 0 ? `${countText(done, 'run')} ${done === 1 ? 'is' : 'are'}` : done === 1 ? 'its one run is' : `all ${countText(done, 'run')} are`} there.`
      : `${all} to train, ${countText(done, 'run')} ${done === 1 ? 'is' : 'are'} there and used; one after the other ${spanText(time)}${isRough(time) ? ', an estimate' : ''}.`;
  const others =
    otherVersions.length > 0
      ? [
          `Runs of other versions of the program would do (${otherVersions.join(', ')}): --use-other-versions takes them.`,
        ]
      : [];
  const ends =
    diverged > 0
      ? [
          `${countText(diverged, 'run')} diverged: plan run --retry-diverged trains ${diverged === 1 ? 'it' : 'them'} again.`,
        ]
      : [];
  return [
    textTable(HEADINGS, lines, ['Trials', 'Runs', 'To train', 'Time']),
    ...['', takes, ...ends, ...others],
  ].join('\n');
}

function countsOf({ trials, runs, time }: Pick<RowTakes, 'model' | 'trials' | 'runs' | 'time'>): string[] {
  const all = runs.done + runs.active + runs.missing + runs.diverged;
  const left = (trials?.missing ?? 0) + runs.active + runs.missing;
  return [
    trials === null ? '–' : String(trials.total),
    `${runs.done} of ${all + (runs.uncertain ? 1 : 0)}`,
    left === 0 ? '–' : String(left),
    left === 0 ? '–' : spanText(time),
  ];
}
