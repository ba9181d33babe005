/** Writes docs/models: a page per model, with its paper, presets and settings. */
import type { Model } from '../src/core/families/model.ts';
import { models } from '../src/core/families/registry.ts';
import { settingTitle } from '../src/core/setting-words.ts';
import { settingRows } from '../src/main/cli/text/model-text.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string) => (text === '' ? '' : `\`${text}\``);
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |\n`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  `${row(heads)}|${'---|'.repeat(heads.length)}\n${rows.map(row).join('')}`;

/** The index and a page per model. */
export function modelPages(): [path: string, text: string][] {
  return [
    ['docs/models/README.md', index()],
    ...models.map((model): [string, string] => [`docs/models/${model.id}.md`, page(model)]),
  ];
}

function index(): string {
  const families = Map.groupBy(models, ({ family }) => family);
  const sections = [...families].map(([family, members]) => {
    const rows = members.map(({ id, title, summary, presets }) => [
      `[${title}](${id}.md)`,
      `\`${id}\``,
      summary,
      String(Object.keys(presets).length),
    ]);
    return `\n## Family ${family}\n\n${table(['model', 'id', 'what it is', 'presets'], rows)}`;
  });
  const head =
    'Each with its paper, its presets, and every setting with default and range. `./tessera models ID` prints the same. Made from the schemas of the models: after a change there, run `npm run docs`.';
  return `# Models\n\n${head}\n${sections.join('')}`;
}

function page(model: Model): string {
  const { id, title, summary, family, paper, presets, essentials, sources = {} } = model;
  const rows = settingRows(model).map(({ key, type, fallback, bounds, meaning }) => [
    code(key),
    settingTitle(key) + (essentials.includes(key) ? ' **·**' : ''),
    code(fallback),
    type === 'number' || type === 'integer' ? `${type} ${bounds}`.trim() : type.replaceAll(' | ', ', '),
    meaning,
  ]);
  const built = Object.entries(sources).map(([key, need]) => `\`${key}\` (${need})`);
  return [
    `# ${title}\n`,
    `${summary} \`./tessera train --dataset NAME --model ${id}\``,
    `\nPaper: ${paper.authors}, *${paper.title}*, ${paper.where}. Family ${family}.`,
    ...(built.length > 0 ? [`\nBuilds on other runs, named by ${built.join(' and ')}.`] : []),
    ...presetLines(presets),
    `\n## Settings\n\nWith \`--set key=value\`, or in *New run*; **·** marks those that it shows first.\n`,
    table(['key', 'in the window', 'default', 'values', 'what it is'], rows),
  ].join('\n');
}

function presetLines(presets: Model['presets']): string[] {
  const rows = Object.entries(presets).map(([name, { description, config }]) => {
    const changes = Object.entries(config).map(([key, value]) => `\`${key}=${String(value)}\``);
    return [code(name), description, changes.join(' ')];
  });
  if (rows.length === 0) return [];
  return [
    '\n## Presets\n\nWith `--preset NAME`. What a preset does not name has its default.\n',
    table(['preset', 'what it is for', 'changes'], rows).trimEnd(),
  ];
}
