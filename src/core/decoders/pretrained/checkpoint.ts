/** Checkpoints of other programs: a folder of Hugging Face's layout, or a GGUF file. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import type { ParameterSpecs } from '../../layers/index.ts';
import { type DecoderConfig, decoderParameters } from '../decoder.ts';
import { folderTensors } from './checkpoint-folder.ts';
import { openGguf } from './gguf-checkpoint.ts';
import { type CheckpointSizes, readHubConfig } from './hub-config.ts';
import { hubRecipe } from './hub-names.ts';
import { cooked, type Recipe, requireFinite, requireShapes, type TensorFiles } from './matrices.ts';

export interface Checkpoint extends CheckpointSizes {
  path: string;
  tensors: TensorFiles;
  /** What makes a parameter of ours. */
  recipe(ours: string): Recipe;
  /** Tensors that are no part of a parameter, but known. */
  further: readonly string[];
}

/** Whether a path is that of a GGUF file rather than of a folder. Throws UserError where there is nothing. */
export function isGgufPath(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    // A run waits, or another continues it, for as long as its user likes.
    if (!existsSync(path))
      throw new UserError(`${path}: no model is there: move it back, or set weights to where it is now`);
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

/**
 * Sizes of a checkpoint, for rows of so many tokens (default: as many as it was made for).
 * @throws UserError where it is none, or one that this decoder does not compute exactly
 */
export function checkpointConfig(path: string, context?: number): DecoderConfig {
  return isGgufPath(path)
    ? openGguf(path, context).config
    : readHubConfig(join(path, 'config.json'), context).config;
}

/** The same with its tensors. */
export function openCheckpoint(path: string, context?: number): Checkpoint {
  if (isGgufPath(path)) return { path, ...openGguf(path, context) };
  const sizes = readHubConfig(join(path, 'config.json'), context);
  const tensors = folderTensors(path);
  const has = (name: string) => Object.hasOwn(tensors.shapes, name);
  return { path, ...sizes, tensors, recipe: (ours) => hubRecipe(ours, sizes.config, has), further: [] };
}

/** What follows from other tensors and the sizes: a copy of the tied table, and the angles that old files keep. */
const DERIVED = /^lm_head\.weight$|\.rotary_emb\.inv_freq$/;

/**
 * Throws UserError where a tensor is missing or has another shape, and where there is one that nobody reads: a model computes
 * something with every tensor, so that one is part of another architecture. No values are read but those of a table stored twice.
 */
export function requireWhole(checkpoint: Checkpoint, specs: ParameterSpecs = parametersOf(checkpoint)): void {
  const read = new Set(checkpoint.further);
  for (const [ours, { shape }] of Object.entries(specs)) {
    const recipe = checkpoint.recipe(ours);
    requireShapes(checkpoint.tensors, recipe, shape);
    for (const name of recipe.names) read.add(name);
  }
  const unread = Object.keys(checkpoint.tensors.shapes).find(
    (name) => !read.has(name) && !DERIVED.test(name),
  );
  if (unread !== undefined)
    throw new UserError(
      `${checkpoint.tensors.pathOf(unread)}: this decoder has no place for its tensor "${unread}": it belongs to another architecture`,
    );
  requireTied(checkpoint);
}

const [TABLE, HEAD] = ['model.embed_tokens.weight', 'lm_head.weight'];

/** Throws UserError where the output layer is said to be the table of words, and stands beside it with other values. */
function requireTied({ config, tensors }: Checkpoint): void {
  if (!config.tiedHead || !Object.hasOwn(tensors.shapes, HEAD)) return;
  const table = tensors.read(TABLE);
  const isSame = tensors.read(HEAD).every((value, at) => value === table[at]);
  if (isSame && String(tensors.shapes[HEAD]) === String(tensors.shapes[TABLE])) return;
  throw new UserError(
    `${tensors.pathOf(HEAD)}: "${HEAD}" has other values than "${TABLE}", and config.json says that they are one: set tie_word_embeddings to false there`,
  );
}

const parametersOf = ({ config }: Checkpoint) => decoderParameters(config);

/** Every parameter of its decoder. Throws as `requireWhole`, and where a file is damaged or has what is no number. */
export function readCheckpoint(checkpoint: Checkpoint): Record<string, Float32Array> {
  const specs = parametersOf(checkpoint);
  requireWhole(checkpoint, specs);
  return Object.fromEntries(
    Object.entries(specs).map(([ours, { shape }]) => {
      const recipe = checkpoint.recipe(ours);
      const values = cooked(checkpoint.tensors, recipe, shape);
      requireFinite(values, checkpoint.tensors.pathOf(recipe.names[0]), recipe.names);
      return [ours, values];
    }),
  );
}
