/** Draws the figures of reports, on paper. It loads Observable Plot: it is imported once something is to be drawn. */
import { createHash } from 'node:crypto';
import { textDocument } from '../../figures/document.ts';
import { drawFigure } from '../../figures/draw.ts';
import type { DrawFigure } from '../../figures/spec.ts';
import { PAGE_COLOURS } from './html-style.ts';

/** Plot numbers what it draws through a process. */
const NUMBERED = /plot-clip-\d+/g;

/** The same figure is drawn to the same letters, and parts of several figures of a page have names of their own. */
export const drawOnPaper: DrawFigure = (spec, width) => {
  const look = { width, height: spec.height, colours: PAGE_COLOURS, document: textDocument() };
  const svg = drawFigure(spec, look).svg.outerHTML;
  const places = [...new Set(svg.match(NUMBERED))];
  const plain = svg.replace(NUMBERED, (name) => `clip-${places.indexOf(name)}`);
  const figure = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  return svg.replace(NUMBERED, (name) => `clip-${figure}-${places.indexOf(name)}`);
};
