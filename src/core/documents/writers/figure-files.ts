/** Figures of a report that stand as files beside it, for formats that draw none themselves. */
import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import { figuresPdf } from '../../figures/pdf/figures-pdf.ts';
import { pictureOf } from '../../figures/picture.ts';
import { type DrawFigure, fileLegendOf } from '../../figures/spec.ts';
import type { DocumentFigure, ReportDocument } from '../document.ts';
import type { WriteOptions } from '../types.ts';
import { PAGE_COLOURS } from './html-style.ts';

export interface ReportFile {
  fileName: string;
  text: string;
}

const WIDTH = 640;

/** A figure as an SVG file of its own, with its caption and the legend of its colours. */
export function svgFile({ caption, spec }: DocumentFigure, draw: DrawFigure): string {
  const drawing = { width: WIDTH, height: spec.height, svg: draw(spec, WIDTH) };
  return `${pictureOf(drawing, { title: caption, legend: fileLegendOf(spec) }, PAGE_COLOURS)}\n`;
}

/** All figures of a report as one PDF, a page each. Throws UserError for a report without any. */
export function writeFigures(report: ReportDocument, { draw }: Pick<WriteOptions, 'draw'>): string {
  const all = [report, ...(report.chapters ?? [])].flatMap(({ sections }) => sections);
  const figures = all.flatMap((section) => section.figures ?? []);
  if (figures.length === 0 || !draw)
    throw new UserError('there is no figure in it: choose another format, or runs that have results');
  return figuresPdf(
    figures.map((figure) => svgFile(figure, draw)),
    report.title,
  ).text;
}

/** Collects the figures of the report of this name. `keep` gives the name of the file that a figure becomes. */
export function figureFiles(report: string): { files: ReportFile[]; keep(svg: string): string } {
  const files: ReportFile[] = [];
  const stem = report.slice(0, report.length - extname(report).length);
  return {
    files,
    keep(text) {
      const fileName = `${stem}-${files.length + 1}.svg`;
      files.push({ fileName, text });
      return fileName;
    },
  };
}
