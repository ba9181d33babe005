/** Short names of the rows of a comparison. */
import { modelTitle } from '../../../model-facts.ts';
import {
  isGenerated,
  labelText,
  partOfNamed,
  type RunLabel,
  runTitle,
  settingsInWords,
} from '../../../run-names.ts';
import type { ComparedRun, Comparison, ComparisonOptions, ComparisonRow } from '../../types.ts';

type Labels = NonNullable<ComparisonOptions['labels']>;
type NamedRow = Pick<ComparisonRow, 'name' | 'model' | 'runs' | 'seeds'>;

/** One label a row. Each is unique; what all rows share stands in none. `given`: by the ids of runs, in their place. */
export function rowLabels(
  rows: readonly NamedRow[],
  configDifferences: Comparison['configDifferences'],
  given: Labels = {},
): RunLabel[] {
  const titles = rows.map(({ name, model, runs }) =>
    runs.every((run) => isGenerated(run) || isCalledByModel(run))
      ? modelTitle(model)
      : (ownTitle(runs) ?? name),
  );
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
      differs(values) ? [[key, values[row]] as const] : [],
    );
    const own = rows[row].runs.every((run) => isCalledByModel(run) && !isGenerated(run));
    const parts = [
      own && alike.length > 1 ? rows[row].name : '',
      differs(datasets) ? datasets[row] : '',
      differs(checkpoints) ? checkpoints[row] : '',
      partOfNamed(rows[row].runs[0]) || settingsInWords(named),
    ];
    return parts.filter((part) => part !== '').join(', ');
  });
  const labels = titles.map((title, row) => {
    const own = givenLabel(rows[row], given);
    return own === undefined ? { title, detail: details[row] } : { title: own, detail: '' };
  });
  const isTwice = (label: RunLabel, row: number) =>
    labels.some((other, at) => at !== row && labelText(other) === labelText(label)) ||
    (givenLabel(rows[row], given) !== undefined &&
      rows.some(({ name }, at) => at !== row && name === label.title));
  return labels.map((label, row) =>
    isTwice(label, row)
      ? { ...label, detail: [label.detail, apart(rows[row])].filter(Boolean).join(', ') }
      : label,
  );
}

/** What the user calls the study whose runs they all are. */
function ownTitle([first, ...others]: readonly ComparedRun[]): string | null {
  const title = runTitle(first);
  return title !== first.name && others.every((run) => runTitle(run) === title) ? title : null;
}

/** A result of another program has its model's name as ours have, whatever its user calls the run. */
const isCalledByModel = ({ program, model }: ComparedRun) => program != null && model !== program;

/** What the user calls a row. */
export function givenLabel({ runs }: Pick<NamedRow, 'runs'>, given: Labels = {}): string | undefined {
  return runs.map(({ id }) => given[id]).find((label) => label !== undefined);
}

/** What always tells runs apart. */
function apart({ seeds, runs: [run] }: NamedRow): string {
  return [...seeds.map((seed) => `seed ${seed}`), run.id.slice(0, 8)].join(', ');
}
