/** What is said of a training that is made again, for a terminal. */
import { signed } from '../../../core/documents/format.ts';
import { modelTitle } from '../../../core/model-facts.ts';
import { countText, examplesText } from '../../../core/names.ts';
import { type Agreement, type Difference, sizeOf } from '../../../core/reproduce/agreement.ts';
import type { Condition, Mark } from '../../../core/reproduce/conditions.ts';
import { DEGREE_WORDS, type ReproducedRun } from '../../../core/reproduce/outcome.ts';
import type { Recipe, RecipeRun } from '../../../core/reproduce/recipe.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { textTable } from '../terminal/text-table.ts';

/** A run that was trained again; without agreement where it did not complete. */
export interface Reproduced {
  earlier: RecipeRun;
  run: OwnRun;
  agreement: Agreement | null;
}

const MARK_WORDS: Record<Mark, string> = {
  same: 'same',
  about: 'no effect',
  may: 'may differ',
  unknown: 'unknown',
  missing: 'missing',
  cannot: 'other',
};

/** A line a condition under what is to be trained, and what follows from them. */
export function beforeText(
  { datasets, others }: Recipe,
  runs: readonly RecipeRun[],
  conditions: readonly Condition[],
  expected: string,
): string {
  const names = datasets.map(({ name }) => name).join(', ');
  const what =
    runs.length === 1
      ? `${runs[0].name}: ${modelTitle(runs[0].model)} on ${names}, seed ${runs[0].seed}`
      : `${countText(runs.length, 'run')} on ${names}`;
  const lines = conditions.map(({ what: of, earlier, mark, now, means }) => [
    ...[of, earlier, MARK_WORDS[mark], now, means],
  ]);
  return [
    what,
    '',
    textTable(['Condition', 'Then', '', 'Now', 'What it means'], lines),
    '',
    ...others.map(({ name, reason }) => `Not trained again: ${name}, for ${reason}.`),
    `${expected}.`,
  ].join('\n');
}

/** "bit for bit: 57 metrics and 300 ranks of test" */
export function agreementText({ metrics, different, ranks, epochs, isExact }: Agreement): string {
  const ranked = ranks.map(({ part, users, equal }) => {
    const how = equal === null ? 'of one side alone' : equal ? 'equal' : 'not all equal';
    return `ranks of ${countText(users, 'user')} (${part}) ${how}`;
  });
  if (isExact) return [`bit for bit: ${countText(metrics, 'metric')} equal`, ...ranked].join(', ');
  const equal = metrics - different.length;
  const chosen =
    epochs.earlier === epochs.now
      ? []
      : [`chosen epoch ${epochs.now ?? 'unknown'}, earlier ${epochs.earlier ?? 'unknown'}`];
  return [`${equal} of ${countText(metrics, 'metric')} equal`, largest(different), ...ranked, ...chosen]
    .filter((part) => part !== '')
    .join(', ');
}

function largest(different: readonly Difference[]): string {
  const measured = different.filter((one) => Number.isFinite(sizeOf(one)));
  const lone = different.filter((one) => !Number.isFinite(sizeOf(one))).map(({ name }) => name);
  const [first] = measured;
  return [
    first ? `largest difference ${signed((first.now ?? 0) - (first.earlier ?? 0), 6)} in ${first.name}` : '',
    lone.length > 0 ? `of one side alone: ${examplesText(lone)}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** What of a run that makes another again came out alike, in a sentence; null until it has completed. */
export function reproducedText({ earlier, agreement, degree }: ReproducedRun): string | null {
  if (agreement === null || degree === null) return null;
  return `Makes ${earlier.name} (${earlier.id}) again. ${DEGREE_WORDS[degree]}: ${agreementText(agreement).replace(/^bit for bit: /, '')}.`;
}

/** Differences that a table names. */
const SHOWN = 12;

/** What differs of each run, and what it comes to. */
export function afterText(done: readonly Reproduced[]): string {
  const lines = done.flatMap(({ earlier, agreement }) =>
    (agreement?.different ?? [])
      .slice(0, SHOWN)
      .map((one) => [
        ...[earlier.name, one.name, digits(one.earlier), digits(one.now)],
        one.earlier === null || one.now === null ? '–' : signed(one.now - one.earlier, 6),
      ]),
  );
  const exact = done.filter(({ agreement }) => agreement?.isExact).length;
  const table = textTable(['Run', 'Metric', 'Then', 'Now', 'Difference'], lines, [
    'Then',
    'Now',
    'Difference',
  ]);
  const all = exact === done.length && done.length > 0;
  return [
    ...(lines.length > 0 ? ['', table, ''] : []),
    all
      ? `Reproduced bit for bit: ${countText(exact, 'run')}.`
      : `Reproduced bit for bit: ${exact} of ${countText(done.length, 'run')}.`,
  ].join('\n');
}

const digits = (value: number | null) => (value === null ? '–' : String(value));
