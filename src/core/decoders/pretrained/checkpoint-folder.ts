/** The tensors of a folder as Hugging Face's transformers writes it: safetensors files, one or several with an index. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readJson } from '../../files/json.ts';
import { readShapes, readTensorFloats, readTypes } from '../../files/safetensors.ts';
import type { TensorFiles } from './matrices.ts';

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * float32, float16 or bfloat16, whatever a tensor is of. It is read from the file that has it, whichever the index names.
 * @throws UserError where a file is missing or damaged
 */
export function folderTensors(folder: string): TensorFiles {
  const { files, named } = filesOf(folder);
  const shapes: Record<string, number[]> = {};
  const places = new Map<string, string>();
  for (const file of files) {
    requireTypes(file);
    for (const [name, shape] of Object.entries(readShapes(file))) {
      shapes[name] = shape;
      places.set(name, file);
    }
  }
  const pathOf = (name: string) => places.get(name) ?? named(name);
  let types: Record<string, string> | undefined;
  return {
    pathOf,
    shapes,
    typeOf: (name) => {
      types ??= Object.assign({}, ...files.map(readTypes)) as Record<string, string>;
      return types[name];
    },
    // One at a time: a checkpoint may take half the memory.
    read: (name) => readTensorFloats(pathOf(name), name),
  };
}

/** Types of numbers that are weights as they are; whole numbers are those of a quantisation, and their scales elsewhere. */
const TYPES = ['F32', 'BF16', 'F16', 'F64'];

function requireTypes(file: string): void {
  const other = Object.entries(readTypes(file)).find(([, type]) => !TYPES.includes(type));
  if (!other) return;
  const [name, type] = other;
  throw new UserError(
    `${file}: tensor "${name}" has the type ${type}, and those that are read are ${TYPES.join(', ')}: save the model in one of them`,
  );
}

/** The files of a folder, and the path of the one that should hold a tensor. */
function filesOf(folder: string): { files: string[]; named: (name: string) => string } {
  const indexPath = join(folder, 'model.safetensors.index.json');
  const whole = join(folder, 'model.safetensors');
  if (!existsSync(indexPath)) {
    if (!existsSync(whole))
      throw new UserError(
        `${folder}: it has no model.safetensors, nor an index of several: fetch them, or save the model with save_pretrained`,
      );
    return { files: [whole], named: () => whole };
  }
  const parsed = indexSchema.safeParse(readJson(indexPath));
  if (!parsed.success) throw new UserError(`${indexPath}: damaged; fetch the checkpoint again`);
  const { weight_map: map } = parsed.data;
  const inFolder = (file: string) => {
    if (file.includes('/') || file.includes('\\'))
      throw new UserError(`${indexPath}: "${file}" is no file of the folder`);
    const path = join(folder, file);
    if (!existsSync(path))
      throw new UserError(`${indexPath}: the folder has no file "${file}"; fetch the checkpoint again`);
    return path;
  };
  return {
    files: [...new Set(Object.values(map))].map(inFolder),
    named: (name) => (Object.hasOwn(map, name) ? inFolder(map[name]) : indexPath),
  };
}
