/** A figure as a file of its own: title, legend and drawing, in the typeface of the window and of reports. */
import { escapeHtml } from '../documents/writers/text.ts';
import { type ChartColours, colourOf, type LegendEntry, type Shape } from './spec.ts';
import { textWidth, truncate } from './text.ts';

/** What a frame holds: the contents of an SVG element. */
export interface Drawing {
  width: number;
  height: number;
  svg: string;
}

interface Caption {
  title: string;
  subtitle?: string;
  legend?: readonly LegendEntry[];
}

const SIDE = 12;
const TITLE = 14;
const TEXT = 12;
const ROW = 18;
/** From the tile of a name to it, and from that to the next tile. */
const KEY = 14;
const KEY_GAP = 16;

/** Around the middle of a mark. */
const SHAPES: Record<Shape, string> = {
  tile: 'M-4-4h8v8h-8z',
  half: 'M-4-4h8v8h-8zM4-4L-4 4h8z',
  diamond: 'M0-5.5L5.5 0 0 5.5-5.5 0z',
  triangle: 'M0-5L5 4h-10z',
  cross: 'M-4-4L4 4M4-4L-4 4',
  plus: 'M0-5V5M-5 0H5',
  star: 'M0-5V5M-4.3-2.5L4.3 2.5M-4.3 2.5L4.3-2.5',
};

/** A mark of the legend, in the middle of a square of 12 pixels. */
export function keyPath({ shape, dashed }: Pick<LegendEntry, 'shape' | 'dashed'>): string {
  return dashed ? 'M-6 0h5M1 0h5' : SHAPES[shape];
}

/** A mark of the legend as a picture of its own. */
export function keySvg(entry: LegendEntry, colours: ChartColours): string {
  return `<svg class="key" width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">${keyMark(entry, colours)}</svg>`;
}

function keyMark(entry: LegendEntry, colours: ChartColours, place = ''): string {
  const ink = colourOf(entry.colour, colours);
  const fill = entry.hollow ? colours.background : ink;
  return `<path d="${keyPath(entry)}"${place} fill="${fill}" stroke="${ink}" stroke-width="1.5"/>`;
}

/** Pixels of the drawing with what stands above it. */
export function pictureSize({ width, height }: Drawing, caption: Caption): { width: number; height: number } {
  return { width: width + 2 * SIDE, height: height + headOf(caption, width).height + SIDE };
}

/** As an SVG file; `style` says which typefaces it brings. */
export function pictureOf(drawing: Drawing, caption: Caption, colours: ChartColours, style = ''): string {
  const head = headOf(caption, drawing.width);
  const { width, height } = pictureSize(drawing, caption);
  const texts = head.texts.map(
    ({ x, y, text, size, weight, fill }) =>
      `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colours[fill]}">${escapeHtml(text)}</text>`,
  );
  const keys = head.keys.map(({ x, y, entry }) =>
    keyMark(entry, colours, ` transform="translate(${x} ${y})"`),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `,
    `font-family="IBM Plex Sans Variable, IBM Plex Sans, system-ui, sans-serif">`,
    `<title>${escapeHtml(caption.title)}</title>`,
    style && `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="${colours.background}"/>`,
    ...texts,
    ...keys,
    `<g transform="translate(${SIDE} ${head.height})">${drawing.svg}</g></svg>`,
  ].join('');
}

type Text = { x: number; y: number; text: string; size: number; weight: number; fill: 'text' | 'muted' };

/** Title, subtitle and legend in rows above a drawing of this width. */
function headOf({ title, subtitle, legend = [] }: Caption, width: number) {
  const end = SIDE + width;
  const texts: Text[] = [];
  const keys: { x: number; y: number; entry: LegendEntry }[] = [];
  let y = 26 - ROW;
  const lines = wrapped(title, width);
  for (const text of lines) {
    y += ROW;
    texts.push({ x: SIDE, y, text, size: TITLE, weight: 600, fill: 'text' });
  }
  if (subtitle) {
    const beside = SIDE + textWidth(lines[lines.length - 1], TITLE, true) + 10;
    const fits = beside + textWidth(subtitle, TEXT) < end;
    if (!fits) y += ROW;
    texts.push({
      x: fits ? beside : SIDE,
      y,
      text: truncate(subtitle, width, TEXT),
      size: TEXT,
      weight: 400,
      fill: 'muted',
    });
  }
  let x = SIDE;
  if (legend.length > 0) y += ROW + 2;
  for (const entry of legend) {
    const room = KEY + textWidth(entry.label, TEXT) + KEY_GAP;
    if (x > SIDE && x + room > end) [x, y] = [SIDE, y + ROW];
    keys.push({ x: x + 5, y: y - 4, entry });
    texts.push({
      x: x + KEY,
      y,
      text: truncate(entry.label, width - KEY, TEXT),
      size: TEXT,
      weight: 400,
      fill: 'text',
    });
    x += room;
  }
  return { texts, keys, height: y + 12 };
}

/** A title in lines of this width. */
function wrapped(title: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const longer = [...lines.slice(-1), word].join(' ');
    if (lines.length > 0 && textWidth(longer, TITLE, true) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
