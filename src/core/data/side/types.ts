/** Side features of items and events: columns of a data set beside its ids, as codes. */

/** A column as codes; those of row r stand at r * width, 0 where there is none. */
export interface SideColumn {
  /** As the setting `sideFeatures` names it. */
  readonly name: string;
  /** Whose column it is: row r describes item r, or interaction r. */
  readonly of: 'item' | 'event';
  /** Most values of one row: 1, but for lists. */
  readonly width: number;
  /** Int32 [rows * width]. */
  readonly codes: Int32Array;
  /** Code c stands for values[c - 1]. */
  readonly values: readonly string[];
  /** Whether the values are numbers, in ascending order. */
  readonly numbers: boolean;
}

/** What a model must know of a column to read its codes. */
export type SideShape = Pick<SideColumn, 'name' | 'width' | 'values'>;

/** Name of the input with the codes of a column: int32 [rows, length, width]. */
export const sideInput = (name: string) => `side/${name}`;

/** The columns that a value of `sideFeatures` names, each once. */
export function sideNames(value: unknown): string[] {
  const names = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [];
  return [...new Set(names.filter((name) => name !== ''))];
}

/** The rows of a column whose index is in `kept`, in that order. */
export function keptRows(column: SideColumn, kept: Int32Array): SideColumn {
  const { codes, width } = column;
  const chosen = new Int32Array(kept.length * width);
  kept.forEach((row, at) => {
    chosen.set(codes.subarray(row * width, (row + 1) * width), at * width);
  });
  return { ...column, codes: chosen };
}
