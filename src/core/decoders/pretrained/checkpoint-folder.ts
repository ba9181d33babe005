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
 * float32, float16 or bfloat16, whatever a tensor is of.
 * @throws UserError where a file is missing or damaged
 */
export function folderTensors(folder: string): TensorFiles {
  const { files, pathOf } = filesOf(folder);
  const shapes = Object.assign({}, ...files.map(readShapes)) as Record<string, number[]>;
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

/** The files of a folder, and the path of the one that holds a tensor. */
function filesOf(folder: string): { files: string[]; pathOf: (name: string) => string } {
  const indexPath = join(folder, 'model.safetensors.index.json');
  const whole = join(folder, 'model.safetensors');
  if (!existsSync(indexPath)) return { files: [whole], pathOf: () => whole };
  const parsed = indexSchema.safeParse(readJson(indexPath));
  if (!parsed.success) throw new UserError(`${indexPath}: damaged; fetch the checkpoint again`);
  const { weight_map: map } = parsed.data;
  const inFolder = (file: string) => {
    if (file.includes('/') || file.includes('\\'))
      throw new UserError(`${indexPath}: "${file}" is no file of the folder`);
    return join(folder, file);
  };
  return {
    files: [...new Set(Object.values(map))].map(inFolder),
    pathOf: (name) => (Object.hasOwn(map, name) ? inFolder(map[name]) : indexPath),
  };
}
