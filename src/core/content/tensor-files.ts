import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { parseJson } from '../files/json.ts';
import { type NumberArray, readNumbers } from '../files/npy.ts';

const size = z.int().nonnegative();
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const headerSchema = z.record(z.string(), z.unknown());

/** NumPy's names of the types. */
const types: Record<string, string> = {
  F16: 'f2',
  BF16: 'bf2',
  F32: 'f4',
  F64: 'f8',
  I8: 'i1',
  I16: 'i2',
  I32: 'i4',
  I64: 'i8',
  U8: 'u1',
  U16: 'u2',
  U32: 'u4',
  U64: 'u8',
};

/**
 * Every tensor of a safetensors file of any program, whatever its type, as floats. (`core/safetensors.ts` reads our own,
 * bit by bit.)
 * @throws UserError where it is none, or cut short
 */
export function readAnyTensors(path: string): Record<string, NumberArray> {
  const file = readFileSync(path);
  const start = file.length < 8 ? Number.POSITIVE_INFINITY : 8 + Number(file.readBigUInt64LE());
  const header =
    start > file.length ? null : headerSchema.safeParse(parseJson(file.subarray(8, start).toString()));
  if (!header?.success) throw new UserError(`${path}: not a whole safetensors file`);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  return Object.fromEntries(
    Object.entries(header.data)
      .filter(([name]) => name !== '__metadata__')
      .map(([name, entry]): [string, NumberArray] => {
        const tensor = tensorSchema.safeParse(entry);
        if (!tensor.success) throw new UserError(`${path}: tensor "${name}" is not as the format asks`);
        const { dtype, shape, data_offsets: offsets } = tensor.data;
        const count = shape.reduce((product, dim) => product * dim, 1);
        const where = `${path}, tensor "${name}"`;
        return [
          name,
          { shape, data: readNumbers(view, start + offsets[0], types[dtype] ?? dtype, count, where) },
        ];
      }),
  );
}
