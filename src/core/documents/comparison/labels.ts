/** Short names of the rows of a comparison. */
import { modelTitle } from '../../model-facts.ts';
import { keyWords } from '../../names.ts';
import type { Comparison, ComparisonRow, RowLabel } from '../types.ts';

type NamedRow = Pick<ComparisonRow, 'name' | 'model' | 'runs' | 'seeds'>;

/** Settings that are named before the rest is left to the page of configs. */
const MAX_SETTINGS = 3;

/** One label a row. Each is unique; what all rows share stands in none. */
export function rowLabels(
  rows: readonly NamedRow[],
  configDifferences: Comparison['configDifferences'],
): RowLabel[] {
  const titles = rows.map(titleOf);
  const datasets = rows.map(({ runs: [run] }) => run.dataset?.name ?? '');
  const checkpoints = rows.map(({ runs: [run] }) =>
    run.evaluates ? `${run.evaluates.kind} checkpoint` : '',
  );
  const settings = configDifferences.filter(({ key }) => key !== 'model');
  const details = rows.map((_, row) => {
    const alike = [...rows.keys()].filter((other) => titles[other] === titles[row]);
    const differs = (values: readonly (string | null)[]) =>
      new Set(alike.map((other) => values[other])).size > 1;
    const named = settings.flatMap(({ key, values }) =>
      differs(values) && values[row] !== null ? [`${keyWords(key)} ${values[row]}`] : [],
    );
    return [
      ...(differs(datasets) ? [datasets[row]] : []),
      ...(differs(checkpoints) && checkpoints[row] !== '' ? [checkpoints[row]] : []),
      ...named.slice(0, MAX_SETTINGS),
    ].join(', ');
  });
  const labels = titles.map((title, row) => ({ title, detail: details[row] }));
  const isTwice = ({ title, detail }: RowLabel) =>
    labels.filter((other) => other.title === title && other.detail === detail).length > 1;
  return labels.map((label, row) =>
    isTwice(label)
      ? { ...label, detail: [label.detail, apart(rows[row])].filter(Boolean).join(', ') }
      : label,
  );
}

/** "TIGER, dim 64" */
export function labelText({ title, detail }: RowLabel): string {
  return detail === '' ? title : `${title}, ${detail}`;
}

/** The model where the program named the run after it and its data set, else the name. */
function titleOf({ name, model, runs: [run] }: NamedRow): string {
  return run.dataset && name.startsWith(`${model}-${run.dataset.name}`) ? modelTitle(model) : name;
}

/** What always tells runs apart. */
function apart({ seeds, runs: [run] }: NamedRow): string {
  return [...seeds.map((seed) => `seed ${seed}`), run.id.slice(0, 8)].join(', ');
}
