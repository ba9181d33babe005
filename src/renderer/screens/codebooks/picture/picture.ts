/** A picture of a tokeniser to show others: the drawing of the screen, larger, with what it says in words beside it. */
import type { ChartColours } from '../../../charts/colours.ts';
import { type Painter, type Size, svgMarkup, textWidth, truncate } from '../../../charts/painter.ts';
import type { LegendRow } from '../map/map-legend.ts';

export interface PictureContent {
  title: string;
  lead: string;
  numbers: readonly (readonly [value: string, words: string])[];
  legend: readonly LegendRow[];
  source: string;
  drawing: Size & { paint(painter: Painter): void };
}

interface Shape extends Size {
  label: string;
  /** Around everything. */
  margin: number;
  /** Side of the square that the drawing fills. */
  side: number;
  title: number;
  text: number;
}

export const SHAPES = {
  wide: { label: '1920 × 1080', width: 1920, height: 1080, margin: 81, side: 917.5, title: 62, text: 26 },
  square: { label: 'Square', width: 1200, height: 1200, margin: 60, side: 844, title: 42, text: 21 },
  paper: { label: 'A4', width: 1754, height: 1240, margin: 80, side: 1064, title: 48, text: 22 },
} satisfies Record<string, Shape>;
export type PictureShape = keyof typeof SHAPES;

/** Where the drawing stands in a picture, and how much larger. */
export function drawingPlace(shape: PictureShape, { width, height }: Size) {
  const { margin, side, ...page }: Shape = SHAPES[shape];
  const scale = side / Math.max(width, height);
  if (shape !== 'square') return { x: margin, y: (page.height - height * scale) / 2, scale };
  return { x: (page.width - width * scale) / 2, y: 250 + (side - height * scale) / 2, scale };
}

/** As an SVG file; `style` says which typefaces it brings. */
export function pictureSvg(
  shape: PictureShape,
  content: PictureContent,
  colours: ChartColours,
  style = '',
): string {
  const { width, height }: Shape = SHAPES[shape];
  const { x, y, scale } = drawingPlace(shape, content.drawing);
  const words = svgMarkup((painter) => {
    painter.rect(0, 0, width, height, colours.background);
    if (shape === 'square') paintAround(painter, content, colours);
    else paintBeside(painter, SHAPES[shape], content, colours);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `,
    'font-family="IBM Plex Sans Variable, IBM Plex Sans, system-ui, sans-serif">',
    style && `<style>${style}</style>`,
    words,
    `<g transform="translate(${x} ${y}) scale(${scale})">${svgMarkup(content.drawing.paint)}</g></svg>`,
  ].join('');
}

/** Title, lead and numbers at the right from the top down, legend and source from the bottom up. */
function paintBeside(painter: Painter, shape: Shape, content: PictureContent, colours: ChartColours): void {
  const { width, height, margin, side, title, text } = shape;
  const x = margin + side + 70;
  const room = width - margin - x;
  let y = margin + title / 2;
  for (const line of wrapped(content.title, room, title, true)) {
    painter.text(x, y, line, { fill: colours.text, size: title, bold: true });
    y += 1.15 * title;
  }
  y += 0.5 * text;
  for (const line of wrapped(content.lead, room, text)) {
    painter.text(x, y, line, { fill: colours.muted, size: text });
    y += 1.5 * text;
  }
  y += 1.5 * text;
  const isSideBySide = room > 26 * text;
  for (const [value, words] of content.numbers) {
    painter.text(x, y, value, { fill: colours.text, size: 0.7 * title, bold: true });
    const [wordsX, wordsY] = isSideBySide ? [x + 0.46 * room, y] : [x, y + 1.5 * text];
    painter.text(wordsX, wordsY, truncate(words, x + room - wordsX, 0.8 * text), {
      ...{ fill: colours.muted, size: 0.8 * text },
    });
    y += isSideBySide ? 1.15 * title : 2.1 * title;
  }
  const source = height - margin - 0.4 * text;
  paintSource(painter, content.source, { x, y: source, width: room, size: 0.75 * text }, colours);
  const columns = room > 26 * text ? 3 : 2;
  const rows = Math.ceil(content.legend.length / columns);
  const top = source - 2.2 * text - (rows - 1) * 1.5 * text;
  paintLegend(painter, content.legend, { x, y: top, width: room, columns, size: 0.8 * text }, colours);
}

/** Title and numbers above the drawing, legend and source below it. */
function paintAround(painter: Painter, content: PictureContent, colours: ChartColours): void {
  const { width, height, margin, title, text }: Shape = SHAPES.square;
  const room = width - 2 * margin;
  const bold = { fill: colours.text, bold: true };
  painter.text(margin, 78, truncate(content.title, room / 1.1, title), { ...bold, size: title });
  painter.text(margin, 124, truncate(content.lead, room, text), { fill: colours.muted, size: text });
  for (const [at, [value, words]] of content.numbers.entries()) {
    const x = margin + (at * room) / content.numbers.length;
    painter.text(x, 178, value, { ...bold, size: 30 });
    painter.text(x, 212, truncate(words, room / 3.2, 16), { fill: colours.muted, size: 16 });
  }
  const columns = Math.max(1, Math.min(7, content.legend.length));
  paintLegend(
    painter,
    content.legend.slice(0, columns),
    { x: margin, y: height - 76, width: room, columns, size: 17 },
    colours,
  );
  paintSource(painter, content.source, { x: margin, y: height - 38, width: room, size: 16 }, colours);
}

interface Line {
  x: number;
  y: number;
  width: number;
  size: number;
}

function paintLegend(
  painter: Painter,
  rows: readonly LegendRow[],
  { x, y, width, columns, size }: Line & { columns: number },
  colours: ChartColours,
): void {
  const step = width / columns;
  for (const [at, { label, colour }] of rows.entries()) {
    const [left, middle] = [x + (at % columns) * step, y + Math.floor(at / columns) * 1.9 * size];
    painter.rect(left, middle - 0.4 * size, 0.8 * size, 0.8 * size, colour);
    const text = truncate(label, step - 1.8 * size, size);
    painter.text(left + 1.3 * size, middle, text, { fill: colours.text, size });
  }
}

/** The program's own mark, and where the picture is from. */
function paintSource(
  painter: Painter,
  source: string,
  { x, y, width, size }: Line,
  colours: ChartColours,
): void {
  const unit = size / 14;
  const [coarse, gold] = colours.palette;
  for (const [across, down, side, fill] of [
    [0, 0, 10, coarse],
    [12, 0, 4, colours.accent],
    [6, 12, 4, colours.accent],
    [12, 6, 4, colours.lineStrong],
    [0, 12, 4, colours.lineStrong],
    [12, 12, 4, gold],
  ] as const) {
    painter.rect(x + across * unit, y + (down - 8) * unit, side * unit, side * unit, fill);
  }
  painter.text(x + 1.8 * size, y, truncate(source, width - 1.8 * size, size), { fill: colours.muted, size });
}

/** A text in lines of this width; a word that is longer is cut. */
function wrapped(text: string, width: number, size: number, bold = false): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(longer, size, bold) <= width) lines[lines.length - 1] = longer;
    else lines.push(truncate(word, width, size));
  }
  return lines.slice(0, 5);
}
