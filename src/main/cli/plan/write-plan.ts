/** The files of a plan: its tables in every style, a document that compiles, and its figures. */
import { basename, dirname, extname, join } from 'node:path';
import type { ReportDocument } from '../../../core/documents/document.ts';
import type { Paper } from '../../../core/documents/paper/paper-document.ts';
import { svgFile } from '../../../core/documents/writers/figure-files.ts';
import { makeFolder, writeWhole } from '../../../core/files/whole-file.ts';
import { countText } from '../../../core/names.ts';
import type { PaperStyle } from '../../../core/plans/choices.ts';
import { documentOfPlan, planFile } from '../../services/analysis/plans/plan-paper.ts';

export interface WrittenFiles {
  folder: string;
  files: string[];
}

/** Beside the plan: tables.tex to be pasted, paper.tex that compiles, Markdown and CSV, and the figures. */
export async function writePlan(
  paper: Paper,
  { file, plan }: { file: string; plan: { paper: { style: PaperStyle } } },
  out = join(dirname(file), basename(file, extname(file))),
): Promise<WrittenFiles> {
  makeFolder(out);
  const latex = plan.paper.style === 'ieee' ? 'ieee' : 'acm';
  const document = documentOfPlan(paper, latex);
  const texts: Record<string, string> = {
    'tables.tex': planFile(document, latex, false),
    'paper.tex': planFile(document, latex, true),
    'tables.md': planFile(documentOfPlan(paper, 'markdown'), 'markdown', false),
    'tables.csv': planFile(documentOfPlan(paper, 'csv'), 'csv', false),
    ...(await figuresOf(document)),
  };
  for (const [name, text] of Object.entries(texts)) writeWhole(join(out, name), text);
  return { folder: out, files: Object.keys(texts) };
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
