/** What the commands of Semantic IDs print. */

import { fixed } from '../../../core/documents/format.ts';
import { csvField } from '../../../core/documents/writers/text.ts';
import { metricDecimals, metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { splitOf } from '../../../core/evaluation/protocol.ts';
import { countText } from '../../../core/names.ts';
import type { IdMatch } from '../../../core/semantic-ids/import-ids.ts';
import { metricsOf } from '../../../core/semantic-ids/measures/index.ts';
import type {
  ComparedTokenisers,
  ItemWithCodes,
  measuresOf,
  TokeniserRun,
} from '../../services/analysis/tokenisers.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

/** "ids/usage@2" → its base and its level or depth; the number is null for measures of the whole. */
function splitName(name: string): { base: string; at: number | null } {
  const [, base, at] = /^([^@]*)(?:@(\d+))?$/.exec(name) ?? [name, name];
  return { base, at: at === undefined ? null : Number(at) };
}

function shown(name: string, value: number | undefined): string {
  return value === undefined ? '–' : fixed(value, metricDecimals(name));
}

/** What a file of IDs has for a data set. */
export function matchText(match: IdMatch): string {
  const facts = factLines([
    ['Items named', `${match.named}, of which the data set has ${match.matched}`],
    ['Items without an ID', `${match.catalogue - match.matched} of ${match.catalogue}`],
    ['Codes per level', match.codebookSizes.join(', ')],
    ['Items that share an ID', String(match.sharing)],
  ]);
  const hint = match.lastCounts
    ? ['The last code counts from 0 among items with equal codes: leave it out with --drop-last.']
    : [];
  const refused = match.problems.map((problem) => `Would be refused: ${problem}`);
  return [facts, ...hint, ...refused].join('\n');
}

type Measured = Awaited<ReturnType<typeof measuresOf>>;

/** The measures of one tokeniser: a table with one column a level or depth, then those of the whole. */
export function statsText({ run, snapshot }: TokeniserRun, { measures, counted }: Measured): string {
  const metrics = metricsOf(measures);
  const names = Object.keys(metrics).map((name) => ({ name, ...splitName(name) }));
  const bases = [...new Set(names.filter(({ at }) => at !== null).map(({ base }) => base))];
  const numbers = [...new Set(names.flatMap(({ at }) => (at === null ? [] : [at])))].sort((a, b) => a - b);
  const heads = numbers.map((at) => (at === 0 ? 'Before' : `Level ${at}`));
  const rows = bases.map((base) => [
    metricLabel(base),
    ...numbers.map((at) => shown(base, metrics[`${base}@${at}`])),
  ]);
  const overall = names
    .filter(({ at }) => at === null)
    .map(({ name }) => [metricLabel(name), shown(name, metrics[name])] as const);
  const { levels, codebookSizes } = snapshot.ids;
  const category = measures.categories;
  return [
    `${run.name} (${run.id}): ${run.model} on ${run.dataset.name}, ${countText(levels, 'level')} of ${[...codebookSizes].join(', ')} codes, step ${snapshot.step}`,
    ...(category ? [`Category: ${category.column}, ${category.categories} of them`] : []),
    `Collaborative lift and max interaction share: of ${counted}`,
    '',
    textTable(['Measure', ...heads], rows, heads),
    '',
    factLines(overall),
    ...measures.levels.flatMap(({ level, dead }) =>
      dead.length > 0 ? [`Dead codes of level ${level}: ${dead.join(', ')}`] : [],
    ),
  ].join('\n');
}

/** The same with the data behind the numbers, as plain JSON. */
export function statsJson({ run, snapshot }: TokeniserRun, { measures, counted }: Measured) {
  const { levels, codebookSizes, items } = snapshot.ids;
  const plain = JSON.parse(
    JSON.stringify(measures, (_key, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value,
    ),
  ) as Record<string, unknown>;
  return {
    run: run.id,
    name: run.name,
    model: run.model,
    dataset: run.dataset.name,
    step: snapshot.step,
    levels,
    codebookSizes,
    items,
    interactions: counted,
    metrics: metricsOf(measures),
    measures: plain,
  };
}

/** Every measure as a row, every tokeniser as a column; then the similarity of each to the first. */
export function comparisonText({ tokenisers, stability }: ComparedTokenisers): string {
  const names = [...new Set(tokenisers.flatMap(({ metrics }) => Object.keys(metrics)))].filter((name) =>
    name.startsWith('ids/'),
  );
  const heads = tokenisers.map(({ name }) => name);
  const rows = names.map((name) => [
    metricLabel(name),
    ...tokenisers.map(({ metrics }) => shown(name, metrics[name])),
  ]);
  const cut = tokenisers.filter(({ protocol }) => splitOf(protocol) !== null).map(({ name }) => name);
  const nameOf = (id: string) => tokenisers.find(({ run }) => run === id)?.name ?? id;
  const pairs = stability.flatMap(({ run, items, ami, kept, together }) =>
    ami.map((value, at) => [
      nameOf(run),
      String(at + 1),
      String(items),
      ...[value, together[at], kept[at]].map((share) => fixed(share, 4)),
    ]),
  );
  const columns = ['Depth', 'Items', 'AMI', 'Kept together', 'Same codes'];
  return [
    textTable(['Measure', ...heads], rows, heads),
    ...(cut.length > 0
      ? [`Of ${cut.join(', ')} only what the runs of their vectors were trained on counts.`]
      : []),
    '',
    `Beside ${heads[0]}, by depth`,
    textTable(['Tokeniser', ...columns], pairs, columns),
  ].join('\n');
}

/** One object, item → title, codes and collision token; `semantic-ids import` reads it back. */
export function idsJson(items: readonly ItemWithCodes[]): string {
  const lines = items.map(({ item, title, codes, collisionToken }) => {
    const value = { ...(title === '' ? {} : { title }), codes, collisionToken };
    return `${JSON.stringify(item)}: ${JSON.stringify(value)}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

export function idsCsv(items: readonly ItemWithCodes[]): string {
  const levels = items[0]?.codes.length ?? 0;
  const head = [
    'item',
    'title',
    ...Array.from({ length: levels }, (_, at) => `code_${at + 1}`),
    'collision_token',
  ];
  const rows = items.map(({ item, title, codes, collisionToken }) =>
    [item, title, ...codes, collisionToken].map(csvField).join(','),
  );
  return `${[head.join(','), ...rows].join('\n')}\n`;
}
