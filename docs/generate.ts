/** Writes what follows from the program itself, docs/lists.md, docs/metrics.md, docs/keys.md, docs/models, the index of docs/results.md and the facts of models that the window knows from the start: `npm run docs`. A test checks that they are up to date. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isContractProcedure } from '@orpc/contract';
import type { Command } from 'commander';
import { contract } from '../src/core/api/contract.ts';
import { splits } from '../src/core/data/splits/index.ts';
import { REPORT_FORMATS } from '../src/core/documents/formats.ts';
import * as ownOps from '../src/core/engine/ops/index.ts';
import { tracedKernels } from '../src/core/engine/tracer.ts';
import { METRIC_GROUPS } from '../src/core/evaluation/metrics-table.ts';
import { gru4recLosses, losses } from '../src/core/families/next-item/losses/index.ts';
import { tasks } from '../src/core/families/next-item/tasks/index.ts';
import { models } from '../src/core/families/registry.ts';
import { createProgram } from '../src/main/cli/program.ts';
import { screens } from '../src/renderer/screens/registry.ts';
import { keysPage } from './keys.ts';
import { modelPages } from './model-pages.ts';
import { resultIndex } from './result-index.ts';

const PROJECT = join(import.meta.dirname, '..');

/** Every model, task, split, op, layer, command, screen, procedure and report format, as a page. */
async function lists(): Promise<string> {
  const sections: [string, string[], string[][]][] = [
    ['Models', ['Id', 'Model', 'Family', 'Presets', 'Paper'], modelRows()],
    ['Tasks', ['Id', 'Task', 'What it asks'], taskRows()],
    ['Splits', ['Id', 'Split', 'What is held out'], splitRows()],
    ['Ops', ['Of', 'Ops'], opRows()],
    ['Layers', ['File of `core/layers/`', 'What it exports'], layerRows()],
    ['Commands', ['Command', 'What it does'], commandRows(await createProgram(), [])],
    ['Screens', ['Address', 'Title'], screenRows()],
    ['Procedures', ['Area', 'Procedures'], procedureRows()],
    ['Report formats', ['Id', 'Format', 'Files'], formatRows()],
  ];
  const head =
    'What the program has, written by `npm run docs`. How to add to each list: [adding.md](adding.md).';
  return `# Lists\n\n${head}\n${sections.map(section).join('')}`;
}

function section([title, heads, rows]: [string, string[], string[][]]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return `\n## ${title}\n\n${line(heads)}${line(heads.map(() => '---'))}${rows.map(line).join('')}`;
}

function modelRows(): string[][] {
  return models.map(({ id, title, family, presets, paper }) => [
    `\`${id}\``,
    title,
    family,
    Object.keys(presets).join(', '),
    `${paper.title} (${paper.where})`,
  ]);
}

function taskRows(): string[][] {
  return Object.entries(tasks).map(([id, { title, summary }]) => [`\`${id}\``, title, summary]);
}

function splitRows(): string[][] {
  return Object.entries(splits).map(([id, { title, summary }]) => [`\`${id}\``, title, summary]);
}

function opRows(): string[][] {
  const sorted = (names: string[]) => names.toSorted().join(', ');
  return [
    ['TensorFlow.js, as its kernels are called', sorted(tracedKernels())],
    ['`core/engine/ops/`, with gradients of their own', sorted(Object.keys(ownOps))],
  ];
}

/** The exported functions, each with the first sentence that stands above it. */
function layerRows(): string[][] {
  const folder = join(PROJECT, 'src/core/layers');
  const files = readdirSync(folder)
    .filter((name) => !/test|^index/.test(name))
    .sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const found = text.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export (?:function|const) (\w+)/g);
    const named = [...found].map(([, doc = '', name]) => {
      const plain = doc.replaceAll(/\n\s*\*|\s+/g, ' ').replaceAll(/ \([^()]*\d{4}[^()]*\)/g, '');
      const said = firstSentence(plain.trim());
      return said === '' ? `\`${name}\`` : `\`${name}\`: ${said}`;
    });
    return named.length === 0 ? [] : [[`\`${file}\``, named.join('<br>')]];
  });
}

function commandRows(command: Command, path: string[]): string[][] {
  return command.commands.flatMap((child) => {
    const name = [...path, child.name()];
    const below = commandRows(child, name);
    return below.length > 0
      ? below
      : [[`\`${name.join(' ')}\``, firstSentence(child.summary() || child.description())]];
  });
}

function firstSentence(text: string): string {
  const [sentence] = text.split(/(?<!\bal)\.(?=\s|$)/);
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function screenRows(): string[][] {
  return screens.map(({ id, title }) => [`\`#/${id}\``, title]);
}

function procedureRows(): string[][] {
  return Object.entries(contract).map(([area, procedures]) => [
    area,
    isContractProcedure(procedures) ? '' : Object.keys(procedures).sort().join(', '),
  ]);
}

function formatRows(): string[][] {
  return Object.entries(REPORT_FORMATS).map(([id, { title, extensions }]) => [
    `\`${id}\``,
    title,
    extensions.map((extension) => `.${extension}`).join(', ') || 'a folder',
  ]);
}

/** Titles of models by id, which the window shows at once: the models themselves are far too large for it. */
function modelFacts(): string {
  const titles = Object.fromEntries(models.map(({ id, title }) => [id, title]));
  const families = Object.fromEntries(models.map(({ id, family }) => [id, family]));
  const fitted = models.filter(({ group, kind }) => group === 'baseline' && kind === 'fitted');
  const simple = Object.fromEntries(fitted.map(({ id }) => [id, true]));
  const graphs = Object.fromEntries(models.flatMap((model) => (model.exportModel ? [[model.id, true]] : [])));
  const phrases = Object.entries({ ...gru4recLosses, ...losses }).map(([id, { phrase }]) => [id, phrase]);
  const facts = { titles, families, simple, graphs, losses: Object.fromEntries(phrases) };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** The page of the documentation that the table makes. */
function metricsPage(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const sections = METRIC_GROUPS.map(({ prefixes, title, note, metrics }) => [
    `## ${title}\n`,
    `Names begin with ${prefixes.map((prefix) => `\`${prefix}/\``).join(', ')}. ${note}\n`,
    '| name | title | better | unit | formula | meaning |',
    '|---|---|---|---|---|---|',
    ...metrics.map(
      ({ name, title, direction, unit, formula, meaning }) =>
        `| \`${name}\` | ${title} | ${direction === 'none' ? '–' : direction} | ${unit} | ${cell(formula)} | ${cell(meaning)} |`,
    ),
    '',
  ]);
  return `${['# Metrics\n', 'Every metric that a run can have; protocol.md says how they are measured. Made from `src/core/evaluation/metrics-table.ts`:', 'after a change there, run `npm run docs`.\n', ...sections.flat()].join('\n').trimEnd()}\n`;
}

/** The text of each generated file, by its path in the project. */
export async function generated(): Promise<[path: string, text: string][]> {
  return [
    ['docs/lists.md', await lists()],
    ['docs/metrics.md', metricsPage()],
    ['docs/keys.md', keysPage(PROJECT)],
    ...modelPages(),
    resultIndex(PROJECT),
    ['src/core/model-facts.json', modelFacts()],
  ];
}

if (import.meta.main) {
  mkdirSync(join(PROJECT, 'docs/models'), { recursive: true });
  for (const [path, text] of await generated()) writeFileSync(join(PROJECT, path), text);
}
