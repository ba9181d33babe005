import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../math/random.ts';
import { gridOf, placeCodes, regionsOf } from './placement.ts';

describe('the grid of a map', () => {
  it('is a square, or twice as wide as high', () => {
    expect([256, 1_024, 32, 8, 100, 300].map(gridOf)).toEqual([
      { columns: 16, rows: 16 },
      { columns: 32, rows: 32 },
      { columns: 8, rows: 4 },
      { columns: 4, rows: 2 },
      { columns: 10, rows: 10 },
      { columns: 18, rows: 17 },
    ]);
  });

  it('gives every code a cell of its own, and the same one each time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (items, dim, seed) => {
          const random = new Random(seed, 0, 'features');
          const data = Float32Array.from({ length: items * dim }, () => random.below(3));
          const cells = placeCodes({ items, dim, data });
          expect([...cells].sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, cell) => cell));
          expect(placeCodes({ items, dim, data })).toEqual(cells);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('stands codes beside those that are like them', () => {
    // Codes that lie on a rolled-up sheet, in an order that says nothing.
    const random = new Random(3, 0, 'sheet');
    const places = [...random.order(144)];
    const sheet = places.flatMap((at) => {
      const [across, down] = [(at % 12) / 4, Math.floor(at / 12) / 4];
      return [Math.cos(across), Math.sin(across), down, 0.01 * random.normal()];
    });
    const data = Float32Array.from(sheet);
    const distance = (one: number, other: number) =>
      Math.hypot(...[0, 1, 2, 3].map((at) => data[one * 4 + at] - data[other * 4 + at]));
    const meanBeside = (cells: Int32Array) => {
      const codes = new Map([...cells].map((cell, code) => [cell, code]));
      const pairs = [...cells].flatMap((cell, code) => {
        const right = cell % 12 < 11 ? codes.get(cell + 1) : undefined;
        const below = codes.get(cell + 12);
        return [right, below].flatMap((other) => (other === undefined ? [] : distance(code, other)));
      });
      return pairs.reduce((sum, one) => sum + one, 0) / pairs.length;
    };
    const best = meanBeside(Int32Array.from(places));
    expect(meanBeside(placeCodes({ items: 144, dim: 4, data }))).toBeLessThan(1.3 * best);
    expect(meanBeside(random.order(144))).toBeGreaterThan(4 * best);
  });
});

describe('regions', () => {
  it('are cells of one kind that touch at an edge', () => {
    const kinds = [...[0, 0, 1, 1], ...[0, 0, -1, 1], ...[1, -1, 0, 1]];
    expect(regionsOf(kinds, { columns: 4, rows: 3 }, 4)).toEqual([
      { kind: 0, cells: 4, x: 1, y: 1 },
      { kind: 1, cells: 4, x: 3.25, y: 1.25 },
    ]);
    expect(regionsOf(kinds, { columns: 4, rows: 3 }, 5)).toEqual([]);
  });

  it('have every cell of a kind once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 30 }),
        (columns, kinds) => {
          const regions = regionsOf(kinds, { columns, rows: Math.ceil(kinds.length / columns) }, 1);
          for (const kind of [0, 1, 2]) {
            const cells = regions.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.cells, 0);
            expect(cells).toBe(kinds.filter((one) => one === kind).length);
          }
        },
      ),
    );
  });
});
