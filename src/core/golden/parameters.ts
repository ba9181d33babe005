/** Our parameters and those of a fixture: their names and layouts on both sides. */
import type { HostArrays } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import type { StepModel } from '../training/step-model.ts';
import type { StepRunner } from '../training/step-runner.ts';
import type { Tensor } from './tensor-compare.ts';

/**
 * Maps our parameter names to those of the reference code. Ours is a pattern in which # is a number; theirs has $1, $2, … for
 * those numbers, or is a function of them, and ends in ^T if the matrix is stored transposed. If ours names a whole layer or
 * norm, PyTorch's names of its parts (weight, bias) are appended to theirs.
 */
export type Names = Readonly<Record<string, string | ((...groups: string[]) => string)>>;

/** PyTorch's names of the parts of layers and norms. */
const PARTS: Record<string, string> = { weight: 'weight^T', bias: 'bias', scale: 'weight', shift: 'bias' };

interface Name {
  theirs: string;
  transposed: boolean;
}

function nameOf(names: Names, ours: string): Name {
  for (const [pattern, name] of Object.entries(names)) {
    const whole = `^${pattern.replaceAll('#', '(\\d+)')}(?:/(weight|bias|scale|shift))?$`;
    const groups = new RegExp(whole).exec(ours)?.slice(1);
    if (!groups) continue;
    const part = groups.pop();
    const begin =
      typeof name === 'string' ? name.replace(/\$(\d)/g, (_, n) => groups[n - 1]) : name(...groups);
    const full = begin + (part === undefined ? '' : PARTS[part]);
    return { theirs: full.replace(/\^T$/, ''), transposed: full.endsWith('^T') };
  }
  throw new Error(`no fixture has a name for the parameter "${ours}"`);
}

/** [rows, columns] row-major to [columns, rows]. */
function transpose(values: ArrayLike<number>, [rows, columns]: readonly number[]): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

/** The parameters of a model with a fixture's values. */
export class Parameters {
  readonly #values: Record<string, Tensor>;
  readonly #names: Record<string, Name>;

  constructor({ parameters, hostTables = {} }: StepModel, names: Names, values: Record<string, Tensor>) {
    this.#values = values;
    const all = Object.keys({ ...parameters, ...hostTables });
    this.#names = Object.fromEntries(all.map((ours) => [ours, nameOf(names, ours)]));
  }

  /** Names on both sides. */
  get names(): { ours: string; theirs: string }[] {
    return Object.entries(this.#names).map(([ours, { theirs }]) => ({ ours, theirs }));
  }

  /** The fixture's tensor. Throws UserError where it has none. */
  tensor(ours: string): Tensor {
    const { theirs } = this.#names[ours];
    const tensor = this.#values[theirs];
    if (!tensor) throw new UserError(`the fixture has no parameter "${theirs}"`);
    return tensor;
  }

  /** The fixture's layout of values of ours. */
  asTheirs(ours: string, values: ArrayLike<number>): ArrayLike<number> {
    if (!this.#names[ours].transposed) return values;
    const [rows, columns] = this.tensor(ours).shape;
    return transpose(values, [columns, rows]);
  }

  /** Puts the fixture's values on the device and into the host tables. */
  async load(runner: StepRunner): Promise<void> {
    const values: HostArrays = Object.fromEntries(
      Object.entries(this.#names).map(([ours, { transposed }]) => {
        const { shape, data } = this.tensor(ours);
        return [ours, transposed ? transpose(data, shape) : Float32Array.from(data)];
      }),
    );
    for (const [name, { weights }] of Object.entries(runner.hostTables.tables)) {
      weights.fill(values[name] as Float32Array);
    }
    await runner.load(values);
  }
}
