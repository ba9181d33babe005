/** Where blocks and tiles of a map of codes stand, in pixels. */
import type { Grid } from './placement.ts';

export interface MapLayout extends Grid {
  /** Side of a block. */
  block: number;
  /** Between blocks. */
  gap: number;
  width: number;
  height: number;
}

export interface TilePlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Tiles that a block has room for side by side: of 44 pixels 11, of 3 pixels with 1 between. */
const TILES_ACROSS = 11;
const TILE = 3 / 4;

/** As large as the width allows, in whole pixels where blocks can be seen apart. */
export function mapLayout(grid: Grid, width: number): MapLayout {
  const { columns, rows } = grid;
  const gap = width / columns >= 12 ? 2 : width / columns >= 5 ? 1 : 0;
  const room = (width - gap * (columns - 1)) / columns;
  const block = room >= 4 ? Math.floor(room) : room;
  const along = (count: number) => count * block + (count - 1) * gap;
  return { columns, rows, block, gap, width: along(columns), height: along(rows) };
}

/** The upper left corner of a cell. */
export function cellPlace({ columns, block, gap }: MapLayout, cell: number): { x: number; y: number } {
  return { x: (cell % columns) * (block + gap), y: Math.floor(cell / columns) * (block + gap) };
}

/** The cell at a place, or null between and beside them. */
export function cellAt({ columns, rows, block, gap }: MapLayout, x: number, y: number): number | null {
  const [column, row] = [Math.floor(x / (block + gap)), Math.floor(y / (block + gap))];
  if (column < 0 || row < 0 || column >= columns || row >= rows) return null;
  const isBetween = x - column * (block + gap) >= block || y - row * (block + gap) >= block;
  return isBetween ? null : row * columns + column;
}

/** Items of a block: a centred square of tiles, smaller ones where there are more than the block has room for. */
export function itemTiles(layout: MapLayout, cell: number, count: number): TilePlace[] {
  const across = Math.max(1, Math.ceil(Math.sqrt(count)));
  const pitch = layout.block / Math.max(TILES_ACROSS, across);
  const side = pitch * TILE;
  const lines = Math.ceil(count / across);
  const corner = cellPlace(layout, cell);
  const inset = (tiles: number) => (layout.block - (tiles * pitch - (pitch - side))) / 2;
  const [x, y] = [corner.x + inset(across), corner.y + inset(lines)];
  return Array.from({ length: count }, (_, at) => ({
    x: x + (at % across) * pitch,
    y: y + Math.floor(at / across) * pitch,
    width: side,
    height: side,
  }));
}

/** Pairs of a block: tiles that abut, as many as there are codes that can follow. They end with a pixel, and leave no seam. */
export function pairTiles(layout: MapLayout, cell: number, count: number, most: number): TilePlace[] {
  const across = Math.max(1, Math.ceil(Math.sqrt(most)));
  const side = layout.block / across;
  const edge = side >= 2 ? Math.round : (place: number) => place;
  const corner = cellPlace(layout, cell);
  return Array.from({ length: count }, (_, at) => {
    const [left, top] = [corner.x + (at % across) * side, corner.y + Math.floor(at / across) * side];
    const [x, y] = [edge(left), edge(top)];
    return { x, y, width: edge(left + side) - x, height: edge(top + side) - y };
  });
}
