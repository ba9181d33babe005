/** Pretrained models that were dropped on the window, in a folder of the home. */
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import type { KeptModel } from '../../core/api/language.ts';
import { UserError } from '../../core/errors.ts';
import { removeFolder } from '../../core/files/durable.ts';
import { isInside } from '../../core/files/inside.ts';
import { freeName } from '../../core/names.ts';
import { folderBytes } from '../../core/store/home/stray-folders.ts';

export const modelsFolder = (home: string) => join(home, 'models');
export const uploadsFolder = (home: string) => join(home, 'uploads');

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const isGguf = (path: string) => /\.gguf$/i.test(path);

async function isModel(path: string): Promise<boolean> {
  if (isGguf(path)) return (await stat(path).catch(() => null))?.isFile() ?? false;
  const has = (name: string) => isThere(join(path, name));
  return (
    (await has('config.json')) &&
    ((await has('model.safetensors')) || (await has('model.safetensors.index.json')))
  );
}

/** By name. */
export async function keptModels(home: string): Promise<KeptModel[]> {
  const folder = modelsFolder(home);
  const found: KeptModel[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (!(await isModel(path))) continue;
    const bytes = entry.isDirectory() ? await folderBytes(path) : (await stat(path)).size;
    found.push({ name: entry.name, path, bytes });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

/** The path, where its files are those of a pretrained model; whether that can be used is its card's to say. */
export const modelAt = async (path: string): Promise<string | null> => ((await isModel(path)) ? path : null);

/** Moves what was dropped among the models of the home, under a free name. Throws UserError for what is no model. */
export async function keepModel(home: string, path: string): Promise<{ path: string }> {
  if (!(await isModel(path)))
    throw new UserError(`${path}: is no GGUF file and no folder with config.json and safetensors`);
  if (!isInside(uploadsFolder(home), resolve(path))) return { path };
  const folder = modelsFolder(home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { name, ext } = isGguf(path) ? parse(path) : { name: basename(path), ext: '' };
  const taken = new Set(await readdir(folder));
  const kept = join(folder, freeName(name, (one) => taken.has(one + ext)) + ext);
  await rename(path, kept);
  return { path: kept };
}

/** Throws UserError for one that is not kept here. */
export async function removeModel(home: string, name: string): Promise<void> {
  const path = join(modelsFolder(home), name);
  if (dirname(path) !== modelsFolder(home) || !(await isModel(path)))
    throw new UserError(`no model ${name} is kept here`);
  await removeFolder(path);
}
