/** What was spent on choosing the settings of rows, and where that differs so much that a reader has to know. */
import { countText } from '../../../names.ts';
import type { Tuning } from '../../../store/table/sweeps.ts';
import { duration } from '../../format.ts';
import type { ComparisonRow } from '../../types.ts';

/** Of the sweep that chose the row's settings; null where none did. */
export const tuningOf = ({ runs }: Pick<ComparisonRow, 'runs'>): Tuning | null =>
  runs.find(({ tuning }) => tuning)?.tuning ?? null;

/** "40 trials, 402 epochs, 2 h 41 min" */
export function tuningText({ trials, epochs, seconds }: Tuning): string {
  return [
    countText(trials, 'trial'),
    ...(epochs === null ? [] : [countText(epochs, 'epoch')]),
    ...(seconds === null ? [] : [duration(seconds)]),
  ].join(', ');
}

/** Of a row whose settings were chosen among less than half as many trials as those of another one. */
export function fewTrialsTexts(row: ComparisonRow, rows: readonly ComparisonRow[]): string[] {
  const own = tuningOf(row);
  if (own === null) return [];
  const most = rows.reduce((best, other) => {
    const found = tuningOf(other);
    return found && found.trials > (tuningOf(best)?.trials ?? 0) ? other : best;
  }, row);
  const trials = tuningOf(most)?.trials ?? 0;
  if (2 * own.trials >= trials) return [];
  return [`tuned with ${countText(own.trials, 'trial')}, less than half of the ${trials} of ${most.name}.`];
}

/** Which rows were tuned, and with how much, where that is not the same for all; null where it is, or none was. */
export function tuningNote(rows: readonly ComparisonRow[]): string | null {
  const tuned = rows.map((row) => ({ name: row.name, tuning: tuningOf(row) }));
  const known = tuned.flatMap(({ name, tuning }) => (tuning ? [{ name, tuning }] : []));
  const trials = new Set(tuned.map(({ tuning }) => tuning?.trials ?? 0));
  if (known.length === 0 || trials.size === 1) return null;
  const words = known.map(({ name, tuning }) => `${name}: ${tuningText(tuning)}`).join('; ');
  const others = tuned.flatMap(({ name, tuning }) => (tuning ? [] : [name]));
  const rest = others.length > 0 ? ` No sweep chose the settings of ${others.join(', ')}.` : '';
  return `Tuned with different budgets: ${words}.${rest}`;
}
