/** Charts of a report that stand as files beside it, for formats that draw none themselves. */
import { extname } from 'node:path';
import { clip } from '../../names.ts';
import type { DocumentFigure, LegendEntry } from '../document.ts';
import { COLOURS } from '../run-colours.ts';
import { chartFileStyle } from './html-style.ts';
import { escapeHtml } from './text.ts';

export interface ReportFile {
  fileName: string;
  text: string;
}

const TITLE = 24;
const LINE = 18;
const MARGIN = 12;
/** Entries of the legend beside each other. */
const ACROSS = 2;

/**
 * A chart as an SVG file of its own: its caption, the legend of its colours, and in light colours without variables, which
 * not every program knows that reads SVG.
 */
export function svgFile({ caption, svg }: DocumentFigure, legend: readonly LegendEntry[] = []): string {
  const [, width, height] = (/ viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []).map(Number);
  const top = MARGIN + TITLE + LINE * Math.ceil(legend.length / ACROSS);
  const [wide, high] = [width + 2 * MARGIN, top + height + MARGIN];
  const entries = legend.map(({ name, colour }, at) => {
    const x = MARGIN + (at % ACROSS) * (width / ACROSS);
    const y = MARGIN + TITLE + LINE * Math.floor(at / ACROSS);
    return (
      `<rect class="fill${colour % COLOURS}" x="${x}" y="${y}" width="10" height="10"/>` +
      `<text class="name" x="${x + 16}" y="${y + 9}">${escapeHtml(clip(name, 32))}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}">`,
    `<style>${chartFileStyle}</style>`,
    `<rect class="page" width="${wide}" height="${high}"/>`,
    `<text class="name caption" x="${MARGIN}" y="${MARGIN + 10}">${escapeHtml(caption)}</text>`,
    ...entries,
    svg.replace('<svg ', `<svg x="${MARGIN}" y="${top}" width="${width}" height="${height}" `),
    '</svg>\n',
  ].join('\n');
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
