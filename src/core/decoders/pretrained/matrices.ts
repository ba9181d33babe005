/** How the tensors of a checkpoint become the parameters of our decoder. */
import { UserError } from '../../errors.ts';

/** The tensors of a checkpoint, whatever files they are in. */
export interface TensorFiles {
  /** The file that has a tensor, for messages. */
  pathOf(name: string): string;
  /** By name; values are not read for it. */
  shapes: Readonly<Record<string, readonly number[]>>;
  /** The type of a tensor's numbers, as the files name it. */
  typeOf(name: string): string;
  /** Row by row. */
  read(name: string): Float32Array;
}

/** Of which tensors one of our parameters is made, and how. */
export interface Recipe {
  /** One after the other. A tensor of three dimensions is a list of matrices. */
  names: readonly string[];
  /** Rows of every matrix that are taken. Default: all. */
  rows?: readonly [start: number, end: number];
  /** Heads whose rows stand interleaved, for a rotation of neighbours in place of halves. */
  interleaved?: number;
  /** What is transposed: nothing, every matrix before they are put together, or all of them after. */
  transposed?: 'each' | 'whole';
}

interface Matrix {
  rows: number;
  columns: number;
  data: Float32Array;
}

/**
 * Our parameter of this shape.
 * @throws UserError where a tensor is missing or has another shape
 */
export function cooked(files: TensorFiles, recipe: Recipe, shape: readonly number[]): Float32Array {
  requireShapes(files, recipe, shape);
  const { names, rows, interleaved, transposed } = recipe;
  const matrices = names.flatMap((name) => matricesOf(files, name, rows));
  const inOrder = interleaved === undefined ? matrices : matrices.map((one) => parted(one, interleaved));
  const turned = transposed === 'each' ? inOrder.map(transpose) : inOrder;
  const whole = turned.length === 1 ? turned[0] : stacked(turned);
  return (transposed === 'whole' ? transpose(whole) : whole).data;
}

/** Shape of each matrix of a recipe for a parameter of this shape. */
function eachShape({ transposed }: Recipe, shape: readonly number[], count: number): number[] {
  if (transposed === 'each') return [shape[1], shape[0] / count];
  const [rows, ...rest] = transposed === 'whole' ? [...shape].reverse() : shape;
  return [rows / count, ...rest];
}

/** Throws UserError where a tensor of the recipe is missing or has another shape; nothing is read. */
export function requireShapes(files: TensorFiles, recipe: Recipe, shape: readonly number[]): void {
  const { names, rows } = recipe;
  const found = names.map((name) => {
    if (Object.hasOwn(files.shapes, name)) return files.shapes[name];
    throw new UserError(`${files.pathOf(name)}: it has no tensor "${name}"`);
  });
  const count = found.reduce((sum, one) => sum + (one.length === 3 ? one[0] : 1), 0);
  const each = eachShape(recipe, shape, count);
  found.forEach((one, at) => {
    const own = one.length === 3 ? one.slice(1) : [...one];
    if (rows && own[0] >= rows[1]) own[0] = rows[1] - rows[0];
    if (String(own) === String(each)) return;
    const has = `"${names[at]}" has the shape ${one.join(' x ')}`;
    const wanted = rows ? `${each.join(' x ')} of it` : each.join(' x ');
    throw new UserError(`${files.pathOf(names[at])}: ${has}, and its sizes ask for ${wanted}`);
  });
}

/** Throws UserError where values made of these tensors are no numbers, or too large for float32: nothing is learnt from them. */
export function requireFinite(values: Float32Array, path: string, names: readonly string[]): void {
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  const of = names.length === 1 ? `"${names[0]}" has` : `"${names[0]}" and others have`;
  throw new UserError(
    `${path}: ${of} the value ${values[at]} as float32: fetch the file again, or use another one`,
  );
}

function matricesOf(files: TensorFiles, name: string, taken?: Recipe['rows']): Matrix[] {
  const shape = files.shapes[name];
  const data = files.read(name);
  const [count, height, columns] = shape.length === 3 ? shape : [1, shape[0], shape[1] ?? 1];
  const [start, end] = taken ?? [0, height];
  return Array.from({ length: count }, (_, at) => {
    const from = (at * height + start) * columns;
    const rows = end - start;
    const isAll = count === 1 && rows === height;
    return { rows, columns, data: isAll ? data : data.subarray(from, from + rows * columns) };
  });
}

function stacked(matrices: readonly Matrix[]): Matrix {
  const [{ columns }] = matrices;
  const rows = matrices.reduce((sum, one) => sum + one.rows, 0);
  const data = new Float32Array(rows * columns);
  let at = 0;
  for (const one of matrices) {
    data.set(one.data, at);
    at += one.data.length;
  }
  return { rows, columns, data };
}

/** Rows of a head that stand as pairs, one of each half after the other, with the halves one after the other. */
function parted({ rows, columns, data }: Matrix, heads: number): Matrix {
  const width = rows / heads;
  const half = width / 2;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const [head, place] = [Math.floor(row / width), row % width];
    const from = head * width + 2 * (place % half) + Math.floor(place / half);
    result.set(data.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return { rows, columns, data: result };
}

function transpose({ rows, columns, data }: Matrix): Matrix {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
  return { rows: columns, columns: rows, data: result };
}
