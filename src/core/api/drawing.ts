/** How figures are drawn. It loads Observable Plot, which only a window and a report with figures need. */

export { escapeHtml } from '../documents/writers/text.ts';
export {
  domainOf,
  hasPlace,
  numberText,
  positionOf,
  scaleOf,
  TICK_SIZE,
  type Tick,
  ticksOf,
} from '../figures/axis.ts';
export { type DrawnFigure, drawFigure } from '../figures/draw.ts';
export { type Drawing, keyPath, pictureOf, pictureSize } from '../figures/picture.ts';
export { measureTextsBy, textWidth, truncate } from '../figures/text.ts';
