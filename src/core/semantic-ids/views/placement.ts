/** Where codes stand on a grid so that those beside each other are alike. */
import { Random } from '../../math/random.ts';
import { principalComponents, projectAll } from './projection.ts';
import { squaredDistance, type Vectors } from './residuals.ts';

/** Columns and rows of the blocks of a map. */
export interface Grid {
  columns: number;
  rows: number;
}

/** A square, or two beside each other where the codes are twice a square number. */
export function gridOf(codes: number): Grid {
  const doubled = Math.sqrt(2 * codes);
  const columns = Number.isInteger(doubled) && codes > 2 ? doubled : Math.ceil(Math.sqrt(codes));
  return { columns, rows: Math.ceil(codes / Math.max(1, columns)) };
}

const SEED = 1;
/** Exchanges tried for each code: half of them over the whole grid, half of them nearby. */
const TRIES = 400;
const NEARBY = 4;
/** Of more codes the distances take too much memory: they stay where their main directions put them. */
const MOST_EXCHANGED = 2_048;

/** How far likeness counts, in cells. */
const REACH = 2;

/**
 * The cell of each code, given what the codes are like: the same at every call. They begin where their two main directions
 * put them, and two of them change places wherever both then stand among more alike ones.
 */
export function placeCodes(features: Vectors): Int32Array {
  const codes = features.items;
  const grid = gridOf(codes);
  const cells = byDirections(features, grid);
  if (codes < 3 || codes > MOST_EXCHANGED) return cells;
  const distances = distancesOf(features);
  const around = aroundCells(grid);
  const occupant = new Int32Array(grid.columns * grid.rows).fill(-1);
  for (let code = 0; code < codes; code++) occupant[cells[code]] = code;
  const strangeness = (code: number) => {
    const row = code * codes;
    const end = around.starts[cells[code] + 1];
    let sum = 0;
    for (let at = around.starts[cells[code]]; at < end; at++) {
      const other = occupant[around.cells[at]];
      if (other >= 0) sum += around.weights[at] * distances[row + other];
    }
    return sum;
  };
  const exchange = (one: number, other: number) => {
    const cell = cells[one];
    cells[one] = cells[other];
    cells[other] = cell;
    occupant[cells[one]] = one;
    occupant[cells[other]] = other;
  };
  const random = new Random(SEED, 0, 'placement of codes');
  const tries = codes * TRIES;
  for (let turn = 0; turn < tries; turn++) {
    const one = random.below(codes);
    const other = turn < tries / 2 ? random.below(codes) : nearby(cells[one], grid, occupant, random);
    if (other < 0 || other === one) continue;
    const before = strangeness(one) + strangeness(other);
    exchange(one, other);
    if (strangeness(one) + strangeness(other) >= before) exchange(one, other);
  }
  return cells;
}

/** The cells within reach of each one, and how much likeness to them counts: those of cell c from starts[c] on. */
function aroundCells({ columns, rows }: Grid) {
  const [starts, cells, weights]: number[][] = [[0], [], []];
  for (let cell = 0; cell < columns * rows; cell++) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    for (let y = Math.max(0, row - REACH); y <= Math.min(rows - 1, row + REACH); y++) {
      for (let x = Math.max(0, column - REACH); x <= Math.min(columns - 1, column + REACH); x++) {
        const steps = (x - column) ** 2 + (y - row) ** 2;
        if (steps === 0) continue;
        cells.push(y * columns + x);
        weights.push(1 / steps);
      }
    }
    starts.push(cells.length);
  }
  return {
    starts: Int32Array.from(starts),
    cells: Int32Array.from(cells),
    weights: Float64Array.from(weights),
  };
}

/** Columns by the first main direction, and within them by the second. */
function byDirections(features: Vectors, { columns, rows }: Grid): Int32Array {
  const codes = features.items;
  const cells = new Int32Array(codes);
  const projection = principalComponents(features, 2);
  const axes = projection.axes.length;
  const points = projectAll(projection, features);
  const along = (code: number, axis: number) => (axis < axes ? points[code * axes + axis] : 0);
  const across = [...cells.keys()].sort((a, b) => along(a, 0) - along(b, 0) || a - b);
  // The last row may be short: the columns at the right then have a cell less.
  const full = codes - columns * (rows - 1);
  let start = 0;
  for (let column = 0; column < columns; column++) {
    const end = start + rows - (column < full ? 0 : 1);
    const down = across.slice(start, end).sort((a, b) => along(a, 1) - along(b, 1) || a - b);
    for (const [row, code] of down.entries()) cells[code] = row * columns + column;
    start = end;
  }
  return cells;
}

function distancesOf({ items, dim, data }: Vectors): Float32Array {
  const distances = new Float32Array(items * items);
  for (let one = 0; one < items; one++) {
    for (let other = one + 1; other < items; other++) {
      const distance = Math.sqrt(squaredDistance(data, one * dim, data, other * dim, dim));
      distances[one * items + other] = distance;
      distances[other * items + one] = distance;
    }
  }
  return distances;
}

/** A code a few cells away, or -1 where there is none. */
function nearby(cell: number, { columns, rows }: Grid, occupant: Int32Array, random: Random): number {
  const step = () => random.below(2 * NEARBY + 1) - NEARBY;
  const [column, row] = [(cell % columns) + step(), Math.floor(cell / columns) + step()];
  if (column < 0 || row < 0 || column >= columns || row >= rows) return -1;
  return occupant[row * columns + column];
}

/** What lies together on a grid. */
export interface Region {
  /** What its cells have in common. */
  kind: number;
  cells: number;
  /** Its middle in cells, counted from the outer corner of the first. */
  x: number;
  y: number;
}

/** Cells of one kind that touch at an edge, the largest regions first. Cells of kind -1 belong to none. */
export function regionsOf(kinds: readonly number[], { columns }: Grid, least: number): Region[] {
  const seen = new Set<number>();
  const regions: Region[] = [];
  for (const [start, kind] of kinds.entries()) {
    if (kind < 0 || seen.has(start)) continue;
    const members = [start];
    seen.add(start);
    for (const cell of members) {
      for (const next of edgesOf(cell, columns, kinds.length)) {
        if (kinds[next] !== kind || seen.has(next)) continue;
        seen.add(next);
        members.push(next);
      }
    }
    if (members.length < least) continue;
    const mean = (of: (cell: number) => number) =>
      members.reduce((sum, cell) => sum + of(cell), 0) / members.length + 0.5;
    regions.push({
      kind,
      cells: members.length,
      x: mean((cell) => cell % columns),
      y: mean((cell) => Math.floor(cell / columns)),
    });
  }
  return regions.sort((a, b) => b.cells - a.cells || a.y - b.y || a.x - b.x);
}

/** The cells at the right, at the left, above and below. */
export function edgesOf(cell: number, columns: number, cells: number): number[] {
  const column = cell % columns;
  return [
    ...(column + 1 < columns ? [cell + 1] : []),
    ...(column > 0 ? [cell - 1] : []),
    cell - columns,
    cell + columns,
  ].filter((at) => at >= 0 && at < cells);
}
