/** Which devices have products of float16 numbers. */
import { UserError } from '../../errors.ts';
import * as tf from '../tf.ts';
import type { DeviceContext, Executable, HalfProducts, Program } from '../types.ts';
import { float32 } from '../types.ts';

/** Terms of a sum of ones, which stands still at 2,048 where float16 numbers are added up in float16. */
const TERMS = 8192;
const SIDE = 16;
/** Of a product that is right to the last bit of float16 but one. */
const TOLERANCE = 2 ** -9;

const program: Program = {
  name: 'product of float16 numbers',
  state: {},
  inputs: { a: float32(SIDE, TERMS), b: float32(TERMS, SIDE) },
  precision: 'float16',
  run: (_, { a, b }) => ({ outputs: { product: tf.matMul(a, b) } }),
};

/** Tries a long product. `compile` fails where the device does not compute all of it. */
export async function tryHalves(compile: (program: Program) => Promise<Executable>): Promise<HalfProducts> {
  let product: ArrayLike<number>;
  try {
    const executable = await compile(program);
    const a = Float32Array.from({ length: SIDE * TERMS }, (_, at) => (1 + Math.floor(at / TERMS)) / SIDE);
    ({ product } = await executable.run({ a, b: new Float32Array(TERMS * SIDE).fill(1) }));
    await executable.release();
  } catch {
    return { are: 'missing', problem: 'it computes none' };
  }
  const wrong = Array.from(product).findIndex((value, at) => {
    const expected = (TERMS * (1 + Math.floor(at / SIDE))) / SIDE;
    return !(Math.abs(value - expected) <= TOLERANCE * expected);
  });
  if (wrong < 0) return { are: 'computed' };
  return { are: 'missing', problem: 'it adds them up in float16, which loses the small terms of long sums' };
}

/**
 * What a training of this precision is to say at its start, or null.
 * @throws UserError where the device has no products of float16 numbers
 */
export async function requirePrecision(device: DeviceContext, precision: unknown): Promise<string | null> {
  if (precision !== 'float16') return null;
  const products = await device.halfProducts();
  if (products.are === 'computed') return null;
  if (products.are === 'rounded')
    return (
      `precision=float16: the device "${device.id}" computes in float32 what it rounds to float16, which is slower than ` +
      'precision=float32; it shows what float16 does to the result'
    );
  throw new UserError({
    code: 'bad-config',
    field: 'precision',
    problem: `the device "${device.id}" has no products of float16 numbers (${products.problem})`,
    fix: 'set precision=float32, or choose another device',
  });
}
