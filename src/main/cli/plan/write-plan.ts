/** The files of a plan: its tables in every style, a document that compiles, and its figures. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { ReportDocument } from '../../../core/documents/document.ts';
import type { Paper } from '../../../core/documents/paper/paper-document.ts';
import { svgFile } from '../../../core/documents/writers/figure-files.ts';
import { UserError } from '../../../core/errors.ts';
import { partialOf } from '../../../core/files/durable.ts';
import { parseJson } from '../../../core/files/json.ts';
import { makeFolder, writeWhole } from '../../../core/files/whole-file.ts';
import { unwritable } from '../../../core/files/writable.ts';
import { countText } from '../../../core/names.ts';
import type { PaperStyle } from '../../../core/plans/choices.ts';
import { documentOfPlan, planFile } from '../../services/analysis/plans/plan-paper.ts';

export interface WrittenFiles {
  folder: string;
  files: string[];
}

/** Lists the files that plans wrote into a folder, which may also hold the user's manuscript. */
const WRITTEN = '.tessera-plan.json';
const writtenSchema = z.object({ files: z.array(z.string()) });
/** Of an earlier text of a plan there may have been more of them. */
const FIGURE = /^figure-\d+\.(?:svg|pdf)$/;
const TABLES = ['tables.tex', 'paper.tex', 'tables.md', 'tables.csv'];

const textIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function writtenInto(out: string): ReadonlySet<string> {
  const { data } = writtenSchema.safeParse(parseJson(textIn(join(out, WRITTEN))));
  return new Set(data?.files);
}

/** Earlier versions kept no list; they wrote the tables into the paper, too. */
function isOfEarlierVersion(out: string): boolean {
  const [head, ...tables] = textIn(join(out, 'tables.tex')).split('\n');
  const body = tables.join('\n').trim();
  return head.startsWith('% Needs in the preamble: ') && textIn(join(out, 'paper.tex')).includes(body);
}

/** The folder that was asked for, else one of the plan's name beside it. */
export function folderOfPlan(file: string, out: string | undefined): string {
  const extension = extname(file);
  return out ?? join(dirname(file), basename(file, extension) + (extension === '' ? '-tables' : ''));
}

/** Throws UserError where nothing can be written, or a file is in the way that no plan has written. */
export function requireFree(out: string, names: readonly string[] = TABLES): void {
  const problem = unwritable(resolve(out));
  if (problem !== null) throw new UserError(`${out}: the tables cannot be written: ${problem} (--out)`);
  const written = writtenInto(out);
  const foreign = names.find((name) => existsSync(join(out, name)) && !written.has(name));
  if (foreign !== undefined && !isOfEarlierVersion(out))
    throw new UserError(
      `${join(out, foreign)}: was not written by a plan and is not written over: name another folder with --out`,
    );
}

/** Beside the plan: tables.tex to be pasted, paper.tex that compiles, Markdown and CSV, and the figures. */
export async function writePlan(
  paper: Paper,
  { plan }: { plan: { paper: { style: PaperStyle } } },
  out: string,
): Promise<WrittenFiles> {
  const latex = plan.paper.style === 'ieee' ? 'ieee' : 'acm';
  const document = documentOfPlan(paper, latex);
  const texts: Record<string, string> = {
    'tables.tex': planFile(document, latex, false),
    'paper.tex': planFile(document, latex, true),
    'tables.md': planFile(documentOfPlan(paper, 'markdown'), 'markdown', false),
    'tables.csv': planFile(documentOfPlan(paper, 'csv'), 'csv', false),
    ...(await figuresOf(document)),
  };
  return putFiles(out, texts);
}

/**
 * Each file is the old or the new one whenever the program ends, and whose they are is known before they are there. What an earlier text
 * of the plan had more of goes.
 */
export function putFiles(out: string, texts: Readonly<Record<string, string | Uint8Array>>): WrittenFiles {
  const files = Object.keys(texts);
  requireFree(out, files);
  makeFolder(out);
  const before = [...writtenInto(out)];
  const list = (names: readonly string[]) =>
    writeWhole(join(out, WRITTEN), `${JSON.stringify({ files: names })}\n`);
  list([...new Set([...before, ...files])]);
  for (const [name, text] of Object.entries(texts)) writeWhole(join(out, name), text);
  const old = before.filter((name) => FIGURE.test(name) && !files.includes(name));
  const ours = new Set([WRITTEN, ...before, ...files]);
  const left = readdirSync(out).filter((name) => ours.has(partialOf(name) ?? ''));
  for (const name of [...old, ...left]) rmSync(join(out, name), { force: true });
  list(files);
  return { folder: out, files };
}

async function figuresOf({ sections }: ReportDocument): Promise<Record<string, string>> {
  const figures = sections.flatMap((section) => section.figures ?? []);
  if (figures.length === 0) return {};
  const { drawOnPaper } = await import('../../../core/documents/writers/draw.ts');
  const { figuresPdf } = await import('../../../core/figures/pdf/figures-pdf.ts');
  return Object.fromEntries(
    figures.flatMap((figure, at) => {
      const svg = svgFile(figure, drawOnPaper);
      const name = `figure-${at + 1}`;
      return [
        [`${name}.svg`, svg],
        [`${name}.pdf`, figuresPdf([svg], figure.caption).text],
      ];
    }),
  );
}

export const writtenText = ({ folder, files }: WrittenFiles): string =>
  `Wrote ${countText(files.length, 'file')} to ${folder}: ${files.join(', ')}.`;
