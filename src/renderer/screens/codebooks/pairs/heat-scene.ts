import type { HeatMap } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { boxPath, type Painter, type Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { grouped } from '../../../format/format.ts';
import { categoryInk } from '../categories/category-colours.ts';
import { moved } from '../map/map-scene.ts';

const EDGE = 6;
const LEFT = 34;
const TOP = 22;

export interface HeatDrawing {
  heat: HeatMap;
  categories: readonly string[];
  /** What a pair of codes is, in words. */
  describe(row: number, column: number): string;
  /** Codes that are selected. */
  chosen: { row: number | null; column: number | null };
}

/** A cell a pair of codes, its colour the stronger the more of them; along the edges the category of each code. */
export function heatScene(drawing: HeatDrawing, { width, height }: Size, colours: ChartColours): Scene {
  const { heat, describe, chosen } = drawing;
  const { rows, columns, counts } = heat;
  const side = Math.min(width - LEFT - EDGE, height - TOP - EDGE);
  const [wide, high] = [side / Math.max(1, columns.length), side / Math.max(1, rows.length)];
  const [x0, y0] = [LEFT + EDGE, TOP + EDGE];
  const most = counts.reduce((largest, count) => Math.max(largest, count), 0);
  const shade = (count: number) => Math.log1p(count) / Math.log1p(most);
  const line = Math.min(wide, high) > 5 ? 0.5 : 0;
  return {
    marks: counts.length,
    paint(painter) {
      painter.rect(x0, y0, side, side, colours.surface);
      for (const [at, count] of counts.entries()) {
        if (count === 0) continue;
        const [row, column] = [Math.floor(at / columns.length), at % columns.length];
        painter.rect(
          x0 + column * wide,
          y0 + row * high,
          Math.max(0.5, wide - line),
          Math.max(0.5, high - line),
          mixed(colours.accent, colours.surface, 0.12 + 0.88 * shade(count)),
        );
      }
      paintEdges(painter, drawing, { wide, high }, colours);
    },
    at(x, y) {
      const [column, row] = [Math.floor((x - x0) / wide), Math.floor((y - y0) / high)];
      const isInside = column >= 0 && row >= 0 && column < columns.length && row < rows.length;
      return isInside ? row * columns.length + column : null;
    },
    outline: (mark) =>
      boxPath(
        x0 + (mark % columns.length) * wide - 0.5,
        y0 + Math.floor(mark / columns.length) * high - 0.5,
        Math.max(3, wide + 1),
        Math.max(3, high + 1),
      ),
    label: (mark) => {
      const [row, column] = [Math.floor(mark / columns.length), mark % columns.length];
      return `${describe(rows[row], columns[column])}: ${grouped(counts[mark])}`;
    },
    isChosen: (mark) =>
      rows[Math.floor(mark / columns.length)] === chosen.row &&
      columns[mark % columns.length] === chosen.column,
    move: (mark, key) => moved(mark, key, columns.length, counts.length),
  };
}

/** Categories and names of the codes along the edges. */
function paintEdges(
  painter: Painter,
  { heat, categories, chosen }: HeatDrawing,
  { wide, high }: { wide: number; high: number },
  colours: ChartColours,
): void {
  const ink = categoryInk(categories, colours);
  const [x0, y0] = [LEFT + EDGE, TOP + EDGE];
  for (const [row, kind] of heat.rowCategories.entries()) {
    if (kind >= 0) painter.rect(LEFT, y0 + row * high, EDGE - 1, high, ink(kind));
  }
  for (const [column, kind] of heat.columnCategories.entries()) {
    if (kind >= 0) painter.rect(x0 + column * wide, TOP, wide, EDGE - 1, ink(kind));
  }
  const name = (code: number, isChosen: boolean, x: number, y: number, align: 'end' | 'middle') =>
    painter.text(x, y, String(code), {
      fill: isChosen ? colours.accent : colours.muted,
      align,
      size: 10,
      bold: isChosen,
    });
  const { rows, columns } = heat;
  for (let at = 0; at < rows.length; at += Math.max(1, Math.ceil(13 / high))) {
    name(rows[at], rows[at] === chosen.row, LEFT - 4, y0 + (at + 0.5) * high, 'end');
  }
  for (let at = 0; at < columns.length; at += Math.max(1, Math.ceil(24 / wide))) {
    name(columns[at], columns[at] === chosen.column, x0 + (at + 0.5) * wide, TOP - 8, 'middle');
  }
}
