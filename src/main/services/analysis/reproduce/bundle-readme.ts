/** The page that says what is in a bundle, for whoever unpacks it. */
import { modelTitle } from '../../../../core/model-facts.ts';
import { onOneLine, withCommas } from '../../../../core/names.ts';
import type { Recipe, RecipeDataset } from '../../../../core/reproduce/recipe.ts';

const CONTENTS = [
  ['report/index.html', 'the comparison, with its figures, results.csv and table.tex beside it'],
  ['plan.yaml', 'the plan that makes its table anew: `tessera plan run plan.yaml`'],
  [
    'recipe.json',
    'everything that makes the runs again: data by hashes, options of the import, settings, versions, environment, and the numbers',
  ],
  ['configs/', 'the settings of each run: `tessera train --config FILE`'],
  ['splits/', 'what is held out of each data set'],
  ['results/', 'runs, metrics, curves, the rank of every user’s item, and the recommended items, as Parquet'],
  ['bundle.json', 'the size and SHA-256 of every file'],
] as const;

export function bundleReadme(
  title: string,
  { datasets, runs, rows, version }: Recipe,
  left: readonly string[],
): string {
  const trained = runs.filter(({ id }) => rows.includes(id));
  return [
    `# ${plain(title)}`,
    `Written by Tessera ${plain(version)}. Made again, and compared number by number, with:`,
    '    tessera reproduce BUNDLE.zip --data FILES',
    'Opened as rows beside other results with:',
    '    tessera runs import BUNDLE.zip',
    '## Data',
    ...datasets.map(dataText),
    '## Runs',
    trained
      .map(({ name, model, seed }) => `- ${plain(name)}: ${plain(modelTitle(model))}, seed ${seed}`)
      .join('\n') || 'None is trained again.',
    '## Files',
    CONTENTS.map(([name, what]) => `- \`${name}\`: ${what}`).join('\n'),
    '## Not in it',
    left.map((one) => `- ${plain(one)}`).join('\n'),
    '',
  ].join('\n\n');
}

const dataText = ({ name, files, fingerprint }: RecipeDataset) =>
  [
    `${plain(name)}, fingerprint ${fingerprint}:`,
    ...(files ?? []).map(
      (file) => `- \`${plain(file.name)}\`, ${withCommas(file.bytes)} bytes, sha256 ${file.sha256}`,
    ),
    ...(files === null ? ['- the files that it was imported from are not recorded'] : []),
  ].join('\n');

/** No name of a user becomes markup. */
const plain = (text: string) => onOneLine(text).replaceAll(/[\\`*_[\]<>#|]/g, '\\$&');
