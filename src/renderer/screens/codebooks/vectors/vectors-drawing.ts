/** A map's points on the screen. */
import type { CodebookMap } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { type Painter, paintSquare, type Size } from '../../../charts/painter.ts';
import { categoryInk, faded, HUES } from '../categories/category-colours.ts';

/** Side of the square that maps are drawn in by the api. */
const SIDE = 10_000;
const MARGIN = 12;

/** Screen = (place − centre) · scale + middle. */
export interface MapView {
  /** Middle of what is shown, in the map's own units. */
  x: number;
  y: number;
  /** 1 shows all. */
  zoom: number;
}

export const WHOLE: MapView = { x: SIDE / 2, y: SIDE / 2, zoom: 1 };

export function scaleOf({ zoom }: MapView, { width, height }: Size): number {
  return (zoom * (Math.min(width, height) - 2 * MARGIN)) / SIDE;
}

export function toScreen(view: MapView, size: Size, x: number, y: number): [number, number] {
  const scale = scaleOf(view, size);
  return [(x - view.x) * scale + size.width / 2, (view.y - y) * scale + size.height / 2];
}

export function toMap(view: MapView, size: Size, x: number, y: number): [number, number] {
  const scale = scaleOf(view, size);
  return [(x - size.width / 2) / scale + view.x, view.y - (y - size.height / 2) / scale];
}

export interface MapLook {
  map: CodebookMap;
  categories: readonly string[];
  levels: number;
  /** By the code of a level, or by category. */
  colour: number | 'category';
  /** One bit a point; null for all. */
  selected: Uint8Array | null;
  showCodes: boolean;
  /** The item whose card is open. */
  item: number | null;
}

const SHADES = [1, 0.7, 0.45];

/** Codes repeat their colours, for there are more of them than colours that can be told apart. */
export function codeColour(code: number, { palette, background }: ChartColours): string {
  const shade = SHADES[Math.floor(code / HUES.length) % SHADES.length];
  return mixed(palette[HUES[code % HUES.length]], background, shade);
}

export const isSelected = (selected: Uint8Array | null, at: number): boolean =>
  selected === null || ((selected[at >> 3] >> (at & 7)) & 1) === 1;

/** What is not selected is pale and below what is. */
export function paintMap(
  painter: Painter,
  { map, categories, levels, colour, selected, showCodes, item }: MapLook,
  view: MapView,
  size: Size,
  colours: ChartColours,
): void {
  const count = map.items.length;
  const half = Math.min(3.5, (count > 8_000 ? 1.2 : count > 2_000 ? 1.7 : 2.3) * Math.sqrt(view.zoom));
  const ofCategory = categoryInk(categories, colours);
  const inks = new Map<number, string>();
  const inkOf = (at: number) => {
    const key = colour === 'category' ? map.categories[at] : map.codes[at * levels + colour];
    const ink = inks.get(key) ?? (colour === 'category' ? ofCategory(key) : codeColour(key, colours));
    inks.set(key, ink);
    return ink;
  };
  const pale = faded(colours.muted, colours);
  for (const isPainted of selected === null ? [true] : [false, true]) {
    for (let at = 0; at < count; at++) {
      if (isSelected(selected, at) !== isPainted) continue;
      const [x, y] = toScreen(view, size, map.points[2 * at], map.points[2 * at + 1]);
      if (x < -5 || y < -5 || x > size.width + 5 || y > size.height + 5) continue;
      paintSquare(painter, x, y, half, isPainted ? inkOf(at) : pale);
    }
  }
  if (showCodes && map.codeVectors) {
    for (const [at] of map.codeVectors.codes.entries()) {
      const { points } = map.codeVectors;
      const [x, y] = toScreen(view, size, points[2 * at], points[2 * at + 1]);
      painter.shape(`M${(x - 4).toFixed(1)} ${y.toFixed(1)}h8m-4 -4v8`, null, colours.text, 1.25);
    }
  }
  const shown = item === null ? -1 : map.items.indexOf(item);
  if (shown >= 0) {
    const [x, y] = toScreen(view, size, map.points[2 * shown], map.points[2 * shown + 1]);
    paintSquare(painter, x, y, half + 4, colours.background);
    paintSquare(painter, x, y, half + 3, colours.text);
    paintSquare(painter, x, y, half + 1, inkOf(shown));
  }
}

/** The nearest point within reach of a place on the screen, or null. */
export function pointAt(map: CodebookMap, view: MapView, size: Size, x: number, y: number): number | null {
  const [mapX, mapY] = toMap(view, size, x, y);
  const reach = 8 / scaleOf(view, size);
  let [match, least] = [-1, reach * reach];
  for (let at = 0; at < map.items.length; at++) {
    const distance = (map.points[2 * at] - mapX) ** 2 + (map.points[2 * at + 1] - mapY) ** 2;
    if (distance < least) [match, least] = [at, distance];
  }
  return match < 0 ? null : match;
}

/** The code vector in reach, or null. */
export function codeVectorAt(
  map: CodebookMap,
  view: MapView,
  size: Size,
  x: number,
  y: number,
): number | null {
  if (!map.codeVectors) return null;
  const { codes, points } = map.codeVectors;
  const match = codes.findIndex((_, at) => {
    const [left, top] = toScreen(view, size, points[2 * at], points[2 * at + 1]);
    return Math.abs(left - x) < 5 && Math.abs(top - y) < 5;
  });
  return match < 0 ? null : codes[match];
}
