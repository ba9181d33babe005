/** Writes what follows from the program itself, docs/lists.md and the facts of models that the window knows from the start: `npm run docs`. A test checks that both are up to date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isContractProcedure } from '@orpc/contract';
import type { Command } from 'commander';
import { contract } from '../src/core/api/contract.ts';
import { splits } from '../src/core/data/splits/index.ts';
import { REPORT_FORMATS } from '../src/core/documents/formats.ts';
import * as ownOps from '../src/core/engine/ops/index.ts';
import { tracedKernels } from '../src/core/engine/tracer.ts';
import { gru4recLosses, losses } from '../src/core/families/next-item/losses/index.ts';
import { tasks } from '../src/core/families/next-item/tasks/index.ts';
import { models } from '../src/core/families/registry.ts';
import { createProgram } from '../src/main/cli/program.ts';
import { screens } from '../src/renderer/screens/registry.ts';

const PROJECT = join(import.meta.dirname, '..');

/** Every model, task, split, op, command, screen, procedure and report format, as a page. */
async function lists(): Promise<string> {
  const sections: [string, string[], string[][]][] = [
    ['Models', ['Id', 'Model', 'Family', 'Presets', 'Paper'], modelRows()],
    ['Tasks', ['Id', 'Task', 'What it asks'], taskRows()],
    ['Splits', ['Id', 'Split', 'What is held out'], splitRows()],
    ['Ops', ['Of', 'Ops'], opRows()],
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
  const [sentence] = text.split(/\.(?=\s|$)/);
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

/** The text of each generated file, by its path in the project. */
export async function generated(): Promise<[path: string, text: string][]> {
  return [
    ['docs/lists.md', await lists()],
    ['src/core/model-facts.json', modelFacts()],
  ];
}

if (import.meta.main) for (const [path, text] of await generated()) writeFileSync(join(PROJECT, path), text);
