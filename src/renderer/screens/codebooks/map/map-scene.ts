/** The codes of a tokeniser as blocks of tiles, coloured by what their items are. */
import {
  type CodeMap,
  cellAt,
  cellPlace,
  itemTiles,
  type MapLayout,
  mapLayout,
  pairTiles,
  type TilePlace,
} from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { boxPath, type Painter, textWidth } from '../../../charts/painter.ts';
import type { ArrowKey, Scene } from '../../../charts/scene.ts';
import { countText } from '../../../format/format.ts';
import { mapInk } from '../categories/category-colours.ts';

export const MAP_COLOURS = ['category', 'interactions', 'collisions'] as const;
export type MapColour = (typeof MAP_COLOURS)[number];

export interface MapDrawing {
  map: CodeMap;
  colour: MapColour;
  /** What a code is called, where that is known. */
  nameOf?(code: number): string | undefined;
}

/** Where the second code changes, the shade does. */
const SHADE = 0.66;
/** IDs of at least so many items are in full colour. */
export const FULL_ID = 5;
const PAIRS_ACROSS = 256;
/** Palest and strongest of a number. */
export const PALE = 0.3;
const LARGE_REGION = 12;
/** Blocks times the side of one: of small blocks more make a region that has room for its name. */
const SMALLEST_REGION = 100;
export const HUE_OF_SHARED = 5;
export const HUE_OF_USE = 0;

/** A colour in a background by steps that the eye cannot tell apart: of many tiles few are different. */
function shader({ surface }: ChartColours): (colour: string, share: number) => string {
  const known = new Map<string, string>();
  return (colour, share) => {
    const step = Math.round(100 * share);
    const key = `${colour} ${step}`;
    const shade = known.get(key) ?? mixed(colour, surface, step / 100);
    known.set(key, shade);
    return shade;
  };
}

/** The colour of each tile; `isOdd` tells whether it has the other one of two shades. */
function tileInk(
  { map, colour }: MapDrawing,
  colours: ChartColours,
): (tile: number, isOdd: boolean) => string {
  const shade = shader(colours);
  const { byPair, items, interactions, shared, kinds } = map;
  const strength = (values: readonly number[]) => {
    const most = Math.log1p(values.reduce((largest, value) => Math.max(largest, value), 1));
    return (tile: number) => PALE + (1 - PALE) * (Math.log1p(values[tile]) / most);
  };
  if (colour === 'interactions') {
    const hue = colours.palette[HUE_OF_USE];
    const use = strength(interactions);
    return (tile) => shade(hue, interactions[tile] === 0 ? 0.12 : use(tile));
  }
  if (colour === 'collisions') {
    return (tile) => {
      if (byPair ? shared[tile] === 0 : shared[tile] === 1) return colours.lineStrong;
      const part = byPair ? 0.35 + 0.65 * (shared[tile] / items[tile]) : shared[tile] < FULL_ID ? 0.35 : 1;
      return shade(colours.palette[HUE_OF_SHARED], part);
    };
  }
  const ink = mapInk(map, colours);
  const size = byPair ? strength(items) : null;
  return (tile, isOdd) => shade(ink(kinds[tile]), size ? size(tile) : isOdd ? SHADE : 1);
}

/** A drawing of blocks, as wide as it is given room for. */
export function mapScene(drawing: MapDrawing, width: number, colours: ChartColours): Scene & MapLayout {
  const { map } = drawing;
  const layout = mapLayout(map.grid, width);
  const codes = codesByCell(map);
  return {
    ...layout,
    ...blocksOf(layout, codes, 2),
    paint: (painter) => paintMap(painter, drawing, layout, colours),
    label: (cell) => blockText(drawing, codes[cell]),
  };
}

/** How blocks are pointed at, outlined so many pixels around them, and walked by arrow keys. */
export function blocksOf(
  layout: MapLayout,
  { length }: readonly number[],
  around: number,
): Pick<Scene, 'marks' | 'at' | 'outline' | 'move'> {
  return {
    marks: length,
    at(x, y) {
      const cell = cellAt(layout, x, y);
      return cell !== null && cell < length ? cell : null;
    },
    outline(cell) {
      const { x, y } = cellPlace(layout, cell);
      return boxPath(x - around, y - around, layout.block + 2 * around, layout.block + 2 * around);
    },
    move: (cell, key) => moved(cell, key, layout.columns, length),
  };
}

/** A block that no item is in: its edge, and a line across. */
export function deadPath(layout: MapLayout, cell: number): string {
  const { x, y } = cellPlace(layout, cell);
  const side = layout.block - 1;
  return `${boxPath(x + 0.5, y + 0.5, side, side)}M${x + 0.5} ${y + 0.5 + side}l${side} ${-side}`;
}

/** The code of each cell. */
export function codesByCell({ cells }: Pick<CodeMap, 'cells'>): number[] {
  const codes: number[] = [];
  for (const [code, cell] of cells.entries()) if (cell >= 0) codes[cell] = code;
  return codes;
}

/** Where the tiles of a code stand. */
function tilesOf({ map }: MapDrawing, layout: MapLayout, code: number): TilePlace[] {
  const count = map.starts[code + 1] - map.starts[code];
  const cell = map.cells[code];
  return map.byPair ? pairTiles(layout, cell, count, PAIRS_ACROSS) : itemTiles(layout, cell, count);
}

function paintMap(painter: Painter, drawing: MapDrawing, layout: MapLayout, colours: ChartColours): void {
  const { map } = drawing;
  const ink = tileInk(drawing, colours);
  let dead = '';
  for (const [cell, code] of codesByCell(map).entries()) {
    const { x, y } = cellPlace(layout, cell);
    const [start, end] = [map.starts[code], map.starts[code + 1]];
    if (start === end) {
      dead += deadPath(layout, cell);
      continue;
    }
    painter.rect(x, y, layout.block, layout.block, colours.surface);
    let turns = 0;
    for (const [at, tile] of tilesOf(drawing, layout, code).entries()) {
      if (at > 0 && map.next[start + at] !== map.next[start + at - 1]) turns++;
      painter.rect(tile.x, tile.y, tile.width, tile.height, ink(start + at, turns % 2 === 1));
    }
  }
  painter.shape(dead, null, colours.lineStrong);
  paintRegions(painter, map, layout, colours);
}

/** Names of regions, the largest first; one that would cover another is left out. */
function paintRegions(painter: Painter, map: CodeMap, layout: MapLayout, colours: ChartColours): void {
  const pitch = layout.block + layout.gap;
  const placed: { left: number; right: number; y: number }[] = [];
  for (const { name, cells, x, y } of map.regions) {
    if (cells * layout.block < SMALLEST_REGION) continue;
    const size = cells >= LARGE_REGION ? 15 : 12;
    const half = textWidth(name, size, true) / 2;
    const middle = Math.min(layout.width - half - 2, Math.max(half + 2, x * pitch));
    const box = { left: middle - half - 4, right: middle + half + 4, y: y * pitch };
    const covers = placed.some(
      (one) => Math.abs(one.y - box.y) < 18 && one.left < box.right && box.left < one.right,
    );
    if (covers || 2 * half > layout.width) continue;
    placed.push(box);
    const style = {
      fill: colours.text,
      halo: colours.background,
      align: 'middle',
      size,
      bold: true,
    } as const;
    painter.text(middle, box.y, name, style);
  }
}

/** What the items of a code are together; `kind` is the commonest category, -1 where none is known. */
export function blockOf({ starts, byPair, items, interactions, shared, kinds }: CodeMap, code: number) {
  const counts = new Map<number, number>();
  const sums = { items: 0, interactions: 0, sharing: 0 };
  for (let tile = starts[code]; tile < starts[code + 1]; tile++) {
    const count = byPair ? items[tile] : 1;
    sums.items += count;
    sums.interactions += interactions[tile];
    sums.sharing += byPair ? shared[tile] : Number(shared[tile] > 1);
    counts.set(kinds[tile], (counts.get(kinds[tile]) ?? 0) + count);
  }
  counts.delete(-1);
  const [kind, most] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0]);
  return { ...sums, kind, share: sums.items === 0 ? 0 : most / sums.items };
}

/** A block in words: code, name, items, and the share of the commonest category. */
function blockText({ map, nameOf }: MapDrawing, code: number): string {
  const { items, kind, share } = blockOf(map, code);
  const name = nameOf?.(code);
  return [
    `Code ${code}`,
    ...(name ? [name] : []),
    items === 0 ? 'no item' : countText(items, 'item'),
    ...(kind >= 0 ? [`${Math.round(100 * share)} % ${map.categories[kind].name}`] : []),
  ].join(', ');
}

/** To the next block in a direction, or nowhere at an edge. */
export function moved(cell: number, key: ArrowKey, columns: number, cells: number): number {
  if (key === 'ArrowLeft') return cell % columns === 0 ? cell : cell - 1;
  if (key === 'ArrowRight') return cell % columns === columns - 1 || cell + 1 === cells ? cell : cell + 1;
  const next = cell + (key === 'ArrowDown' ? columns : -columns);
  return next >= 0 && next < cells ? next : cell;
}
