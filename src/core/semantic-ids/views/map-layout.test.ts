import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAt, cellPlace, itemTiles, mapLayout, pairTiles, type TilePlace } from './map-layout.ts';

describe('blocks', () => {
  it('are as large as the width allows', () => {
    const sizeOf = (columns: number, rows: number, width: number) => {
      const { block, gap, width: wide, height } = mapLayout({ columns, rows }, width);
      return [block, gap, wide, height];
    };
    expect(sizeOf(16, 16, 734)).toEqual([44, 2, 734, 734]);
    expect(sizeOf(32, 32, 734)).toEqual([21, 2, 734, 734]);
    expect(sizeOf(8, 4, 734)).toEqual([90, 2, 734, 366]);
    expect(sizeOf(16, 16, 558)).toEqual([33, 2, 558, 558]);
  });

  it('are found where they stand, and nothing between them', () => {
    const layout = mapLayout({ columns: 16, rows: 16 }, 734);
    expect(cellPlace(layout, 17)).toEqual({ x: 46, y: 46 });
    expect(cellAt(layout, 46, 46)).toBe(17);
    expect(cellAt(layout, 45, 46)).toBeNull();
    expect(cellAt(layout, 734, 3)).toBeNull();
    expect(cellAt(layout, -1, 3)).toBeNull();
  });
});

describe('tiles', () => {
  it('of items are 3 pixels with 1 between, in the middle of a block of 44', () => {
    const layout = mapLayout({ columns: 16, rows: 16 }, 734);
    const tiles = itemTiles(layout, 0, 4);
    expect(tiles).toEqual([
      { x: 18.5, y: 18.5, width: 3, height: 3 },
      { x: 22.5, y: 18.5, width: 3, height: 3 },
      { x: 18.5, y: 22.5, width: 3, height: 3 },
      { x: 22.5, y: 22.5, width: 3, height: 3 },
    ]);
    expect(pairTiles(layout, 0, 2, 256)).toEqual([
      { x: 0, y: 0, width: 3, height: 3 },
      { x: 3, y: 0, width: 3, height: 3 },
    ]);
  });

  it('stay in their block, and none covers another', () => {
    const grids = fc.record({
      columns: fc.integer({ min: 1, max: 20 }),
      rows: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(
        grids,
        fc.integer({ min: 100, max: 1_600 }),
        fc.nat(399),
        fc.integer({ min: 1, max: 900 }),
        (grid, width, at, count) => {
          const layout = mapLayout(grid, width);
          const cell = at % (grid.columns * grid.rows);
          const { x, y } = cellPlace(layout, cell);
          const isInside = (tile: TilePlace) =>
            tile.x >= x - 1e-9 &&
            tile.y >= y - 1e-9 &&
            tile.x + tile.width <= x + layout.block + 1e-9 &&
            tile.y + tile.height <= y + layout.block + 1e-9;
          for (const tiles of [itemTiles(layout, cell, count), pairTiles(layout, cell, count, 900)]) {
            expect(tiles.every(isInside)).toBe(true);
            expect(new Set(tiles.map((tile) => `${tile.x} ${tile.y}`)).size).toBe(count);
            expect(layout.width).toBeLessThanOrEqual(width);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
