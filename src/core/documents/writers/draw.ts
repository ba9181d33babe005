/** Draws the figures of reports, on paper. It loads Observable Plot: it is imported once something is to be drawn. */
import { textDocument } from '../../figures/document.ts';
import { drawFigure } from '../../figures/draw.ts';
import type { DrawFigure } from '../../figures/spec.ts';
import { PAGE_COLOURS } from './html-style.ts';

export const drawOnPaper: DrawFigure = (spec, width) => {
  const look = { width, height: spec.height, colours: PAGE_COLOURS, document: textDocument() };
  return drawFigure(spec, look).svg.outerHTML;
};
