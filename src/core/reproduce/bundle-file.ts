/** The archive of a comparison: a zip whose first member lists the others with their hashes. Nothing of it is unpacked onto the disk. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { parseJson } from '../files/json.ts';
import { withCommas } from '../names.ts';
import { parseRecipe, type Recipe, sha256Schema } from './recipe.ts';

/** Another number once an earlier reader would take something for what it is not. */
export const BUNDLE = 'tessera-bundle-1';
/** The first member. */
const LIST = 'bundle.json';
export const RECIPE_FILE = 'recipe.json';

/** More than any bundle that is written has: what says that it holds more is none. */
const MAX_MEMBERS = 10_000;
const MAX_MEMBER_BYTES = 1.5 * 2 ** 30;
const MAX_FILE_BYTES = 1.9 * 2 ** 30;
/** Of a member that is read as one text, which has an end in JavaScript. */
const MAX_TEXT_BYTES = 256 * 2 ** 20;
const BATCH_BYTES = 64 * 2 ** 20;

const memberSchema = z.object({
  name: z.string().min(1).max(500),
  bytes: z.int().nonnegative(),
  sha256: sha256Schema,
});

const listSchema = z.object({
  schema: z.literal(BUNDLE),
  title: z.string().max(1000),
  version: z.string().max(200),
  members: z.array(memberSchema).max(MAX_MEMBERS),
  /** What is not in it, and why. */
  left: z.array(z.string().max(2000)).max(10_000),
});

export type BundleList = z.output<typeof listSchema>;

export interface Bundle extends BundleList {
  recipe: Recipe;
}

/** Names are of files below the folder into which somebody unpacks it, whatever the system. */
function isSafe(name: string): boolean {
  const parts = name.split('/');
  const isPlain = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[. ]$/.test(part);
  return parts.every(isPlain) && !/[\\:*?"<>|\p{Cc}]/u.test(name);
}

/** The bytes of a bundle: the same for the same members, whenever it is written. Throws UserError where it would be too large to be read. */
export function bundleBytes(
  { title, version, left }: Pick<BundleList, 'title' | 'version' | 'left'>,
  members: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  const entries = Object.entries(members);
  const stray = entries.find(([name]) => !isSafe(name));
  if (stray) throw new Error(`"${stray[0]}" is no name of a member`);
  const total = entries.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  if (total > MAX_MEMBER_BYTES)
    throw new UserError(
      `a bundle of ${withCommas(total)} bytes is too large; bundle fewer runs, or leave the lists out with --no-lists`,
    );
  const list: BundleList = {
    ...{ schema: BUNDLE, title, version, left },
    members: entries.map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: hashOf(bytes) })),
  };
  // Parquet is packed already.
  const packed = (name: string, bytes: Uint8Array): Zippable[string] => [
    bytes,
    { level: name.endsWith('.parquet') ? 0 : 6 },
  ];
  return zipSync(
    {
      [LIST]: packed(LIST, strToU8(`${JSON.stringify(list, null, 2)}\n`)),
      ...Object.fromEntries(entries.map(([name, bytes]) => [name, packed(name, bytes)])),
    },
    { mtime: new Date(1980, 0, 1, 12) },
  );
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Whether a file begins as a bundle does. */
export function isBundle(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const start = Buffer.alloc(30 + LIST.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1', 0, 4) === 'PK\u0003\u0004' && start.toString('latin1', 30) === LIST;
}

/** The bundle, every member of it checked. Throws UserError where it is of a newer version, damaged, or holds what no bundle does. */
export function readBundle(path: string): Bundle {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES) throw refused(path, `is too large (${withCommas(size)} bytes)`);
  const archive = readFileSync(path);
  const sizes = new Map<string, number>();
  unpack(path, archive, ({ name, originalSize }) => {
    if (!isSafe(name)) throw refused(path, `holds a member of the name ${JSON.stringify(name)}`);
    if (sizes.has(name)) throw refused(path, `holds "${name}" twice`);
    sizes.set(name, originalSize);
    return false;
  });
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (sizes.size > MAX_MEMBERS + 1 || total > 2 * MAX_MEMBER_BYTES)
    throw refused(path, `unpacks to ${withCommas(total)} bytes in ${withCommas(sizes.size)} members`);
  const textOf = (name: string) => {
    const bytes = sizes.get(name) ?? 0;
    if (bytes > MAX_TEXT_BYTES)
      throw refused(path, `holds "${name}" of ${withCommas(bytes)} bytes, more than any bundle has`);
    return Buffer.from(member(path, archive, name)).toString('utf8');
  };
  const list = parseList(path, textOf(LIST));
  const damaged = ({ name }: { name: string }) => refused(path, `holds "${name}" damaged, or not at all`);
  const wrong = list.members.find(({ name, bytes }) => sizes.get(name) !== bytes);
  if (wrong) throw damaged(wrong);
  for (const batch of batches(list.members)) {
    const names = new Set(batch.map(({ name }) => name));
    const found = unpack(path, archive, ({ name }) => names.has(name));
    for (const one of batch) if (hashOf(found[one.name]) !== one.sha256) throw damaged(one);
  }
  const stray = [...sizes.keys()].find(
    (name) => name !== LIST && !list.members.some((one) => one.name === name),
  );
  if (stray !== undefined) throw refused(path, `holds "${stray}", which its list does not name`);
  return { ...list, recipe: parseRecipe(parseJson(textOf(RECIPE_FILE)), path) };
}

/** Lots of members of so many bytes, or of one that has more: each lot reads the directory of the archive, and is in memory as a whole. */
function batches<Member extends { bytes: number }>(members: readonly Member[]): Member[][] {
  const lots: Member[][] = [];
  let room = 0;
  for (const member of members) {
    if (room < member.bytes || lots.length === 0) {
      lots.push([]);
      room = BATCH_BYTES;
    }
    lots.at(-1)?.push(member);
    room -= member.bytes;
  }
  return lots;
}

function member(path: string, archive: Uint8Array, name: string): Uint8Array {
  const found = unpack(path, archive, (one) => one.name === name)[name];
  if (found === undefined) throw refused(path, `lacks "${name}"`);
  return found;
}

/** The content of some members of a bundle that was read before, by their names. */
export function bundleMembers(path: string, isWanted: (name: string) => boolean): Record<string, Uint8Array> {
  return unpack(path, readFileSync(path), ({ name }) => name !== LIST && isSafe(name) && isWanted(name));
}

function unpack(
  path: string,
  archive: Uint8Array,
  filter: (member: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(archive, { filter });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refused(path, `is damaged (${messageOf(error)})`);
  }
}

function parseList(path: string, json: string): BundleList {
  const value = parseJson(json);
  const parsed = listSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const schema = String((value as { schema?: unknown } | null)?.schema);
  throw schema !== BUNDLE && schema.startsWith('tessera-bundle-')
    ? new UserError(
        `${path}: was written by a newer version of Tessera (${schema}; this one reads ${BUNDLE}): update Tessera`,
      )
    : refused(path, `has a damaged list of members (${parsed.error.issues[0].path.join('.')})`);
}

const refused = (path: string, problem: string) =>
  new UserError(`${path}: no bundle of Tessera: it ${problem}`);
