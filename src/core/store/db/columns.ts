import { z } from 'zod';
import { parseJson } from '../../files/json.ts';

/** A REAL column: infinities are kept, and SQLite's NULL stands for what is not a number. */
export const real = z
  .custom<number | null>((value) => value === null || typeof value === 'number')
  .transform((value) => value ?? Number.NaN);

/**
 * A JSON column written from a value of type T. Only its being an object is checked: a field that a
 * later version adds or changes must not make the whole row unreadable.
 */
export function jsonOf<T extends object>() {
  return z
    .string()
    .transform(parseJson)
    .pipe(z.custom<T>((value) => typeof value === 'object' && value !== null));
}

/** A row with the JSON of some columns as values. */
export function withJson(row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      columns.includes(name) && typeof value === 'string' ? JSON.parse(value) : value,
    ]),
  );
}

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** A row whose columns are named a_b, read into fields named aB. */
export function rowOf<Shape extends z.ZodRawShape>(shape: Shape) {
  type Row = z.output<z.ZodObject<Shape>>;
  const fields = Object.keys(shape).map((column) => [
    column,
    column.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  ]);
  return z.object(shape).transform(
    (row) =>
      Object.fromEntries(fields.map(([column, field]) => [field, row[column as keyof Row]])) as {
        [Name in keyof Row as Camel<Name & string>]: Row[Name];
      },
  );
}
