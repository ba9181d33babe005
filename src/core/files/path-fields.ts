/** Inputs that name files or folders to read, said in their schemas. */
import { z } from 'zod';
import { withUserFolder } from './user-folder.ts';

const MARK = { path: true } as const;

/** Schema of a file or folder to read. */
export const pathSchema = z
  .string()
  .min(1)
  .overwrite((path) => withUserFolder(path))
  .meta(MARK);

/** The same as a config key, empty where nothing is to be read. */
export function pathField(description: string) {
  return z
    .string()
    .overwrite((path) => withUserFolder(path))
    .default('')
    .describe(description)
    .meta(MARK);
}

/** A JSON schema, as far as paths are looked for in it. */
interface Marked {
  path?: true;
  properties?: Record<string, Marked>;
  items?: Marked;
  prefixItems?: Marked[];
  additionalProperties?: Marked | false;
  anyOf?: Marked[];
  allOf?: Marked[];
  oneOf?: Marked[];
}

const marks = new WeakMap<z.ZodType, Marked>();

/** The files and folders that a value names where its schema says so, however deep, as the schema reads them. */
export function pathsIn(schema: z.ZodType, value: unknown): string[] {
  return collect(markedOf(schema), value)
    .filter((path) => path !== '')
    .map((path) => withUserFolder(path));
}

/** The keys of a config that name files or folders. */
export function pathKeys(schema: z.ZodType): string[] {
  const { properties = {} } = markedOf(schema);
  return Object.keys(properties).filter((key) => properties[key].path === true);
}

function markedOf(schema: z.ZodType): Marked {
  const known = marks.get(schema);
  if (known) return known;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  marks.set(schema, json as Marked);
  return json as Marked;
}

function collect(schema: Marked, value: unknown): string[] {
  const alternatives = [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
  const found = alternatives.flatMap((one) => collect(one, value));
  if (typeof value === 'string') return schema.path ? [...found, value] : found;
  if (Array.isArray(value)) {
    const { prefixItems = [], items } = schema;
    return found.concat(value.flatMap((one, at) => collect(prefixItems[at] ?? items ?? {}, one)));
  }
  if (typeof value !== 'object' || value === null) return found;
  const { properties = {}, additionalProperties } = schema;
  return found.concat(
    Object.entries(value).flatMap(([key, one]) =>
      collect(Object.hasOwn(properties, key) ? properties[key] : additionalProperties || {}, one),
    ),
  );
}
