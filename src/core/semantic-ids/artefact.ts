/**
 * What a tokeniser leaves in its run's folder, `semantic-ids/`: a snapshot of the IDs for every evaluation, the one that
 * counts, and the space they are of. Files are whole or not there; the manifest is written after what it names.
 */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { writeDurably } from '../files/durable.ts';
import { parseJson } from '../files/json.ts';
import { type NamedTensor, readSafetensors, readShapes, writeSafetensors } from '../files/safetensors.ts';
import type { ItemMatrix, ItemSpace, SemanticIds, Snapshot } from './types.ts';

const FOLDER = 'semantic-ids';
const MANIFEST = 'manifest.json';
const SPACE = 'space.safetensors';

const count = z.int().nonnegative();

const manifestSchema = z.object({
  format: z.literal(1),
  levels: z.int().positive(),
  codebookSizes: z.array(z.int().positive()),
  items: count,
  /** In the order of training. */
  snapshots: z.array(z.object({ step: count, epoch: count, file: z.string() })),
  /** Step of the snapshot that counts: null while none has been chosen. */
  selected: count.nullable(),
});

export type SemanticIdsManifest = z.output<typeof manifestSchema>;

const folderOf = (runDir: string) => join(runDir, FOLDER);
const snapshotFile = (step: number) => `snapshot-${step}.safetensors`;

/** Whether a run has Semantic IDs that count. */
export function hasSemanticIds(runDir: string): boolean {
  return existsSync(join(folderOf(runDir), MANIFEST)) && readManifest(runDir).selected !== null;
}

/** Whether a run has saved Semantic IDs, be they those that count or of a training that goes on. */
export function hasSnapshots(runDir: string): boolean {
  return existsSync(join(folderOf(runDir), MANIFEST)) && readManifest(runDir).snapshots.length > 0;
}

/** Throws UserError where the run has no Semantic IDs or they cannot be read. */
export function readManifest(runDir: string): SemanticIdsManifest {
  const path = join(folderOf(runDir), MANIFEST);
  if (!existsSync(path)) throw new UserError(`${runDir}: the run has no Semantic IDs`);
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new UserError(`${path}: not a list of Semantic IDs; train the tokeniser again`);
  return parsed.data;
}

/** Adds a snapshot; one of the same step is replaced, and so are later ones, which an interrupted attempt left. */
export function writeSnapshot(runDir: string, { step, epoch, ids, codebooks }: Snapshot): void {
  const folder = folderOf(runDir);
  mkdirSync(folder, { recursive: true });
  const { levels, codebookSizes, items } = ids;
  const tensors: Record<string, NamedTensor> = {
    codes: { spec: { shape: [items, levels], dtype: 'int32' }, data: ids.codes },
    collisionTokens: { spec: { shape: [items], dtype: 'int32' }, data: ids.collisionTokens },
  };
  for (const [level, data] of codebooks.entries()) {
    const shape = [codebookSizes[level], data.length / codebookSizes[level]];
    tensors[`codebook.${level}`] = { spec: { shape, dtype: 'float32' }, data };
  }
  writeSafetensors(join(folder, snapshotFile(step)), tensors);
  const known = existsSync(join(folder, MANIFEST)) ? readManifest(runDir).snapshots : [];
  const snapshots = [...known.filter((one) => one.step < step), { step, epoch, file: snapshotFile(step) }];
  const sizes = [...codebookSizes];
  writeManifest(runDir, { format: 1, levels, codebookSizes: sizes, items, snapshots, selected: null });
}

/** Says which snapshot counts. */
export function selectSnapshot(runDir: string, step: number): void {
  writeManifest(runDir, { ...readManifest(runDir), selected: step });
}

function writeManifest(runDir: string, manifest: SemanticIdsManifest): void {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  writeDurably(join(folderOf(runDir), MANIFEST), [Buffer.from(text)]);
}

/** The IDs that count, or those of the snapshot of a step. Throws UserError where they are not there. */
export function readSnapshot(runDir: string, step?: number): Snapshot {
  const manifest = readManifest(runDir);
  const wanted = step ?? manifest.selected;
  const found = manifest.snapshots.find((one) => one.step === wanted);
  if (!found) {
    throw new UserError(`${folderOf(runDir)}: no Semantic IDs of step ${wanted ?? '(none was chosen)'}`);
  }
  const tensors = readSafetensors(join(folderOf(runDir), found.file));
  const { levels, codebookSizes, items } = manifest;
  const ids: SemanticIds = {
    levels,
    codebookSizes,
    items,
    codes: tensors.codes.data as Int32Array,
    collisionTokens: tensors.collisionTokens.data as Int32Array,
  };
  const codebooks = codebookSizes.flatMap((_, level) => {
    const tensor = tensors[`codebook.${level}`];
    return tensor ? [tensor.data as Float32Array] : [];
  });
  return { step: found.step, epoch: found.epoch, ids, codebooks };
}

/** Written once the space is what the IDs that count are of. */
export function writeSpace(runDir: string, { vectors, latents }: ItemSpace): void {
  mkdirSync(folderOf(runDir), { recursive: true });
  const tensor = ({ items, dim, data }: ItemMatrix): NamedTensor => ({
    spec: { shape: [items, dim], dtype: 'float32' },
    data,
  });
  writeSafetensors(join(folderOf(runDir), SPACE), {
    vectors: tensor(vectors),
    ...(latents ? { latents: tensor(latents) } : {}),
  });
}

/** Null where the run has no vectors, as imported IDs. */
export function readSpace(runDir: string): ItemSpace | null {
  const path = join(folderOf(runDir), SPACE);
  if (!existsSync(path)) return null;
  const { vectors, latents } = readSafetensors(path);
  const matrix = ({ spec: { shape }, data }: NamedTensor): ItemMatrix => ({
    items: shape[0],
    dim: shape[1],
    data: data as Float32Array,
  });
  return { vectors: matrix(vectors), latents: latents ? matrix(latents) : null };
}

/** Dimensions of the content vectors and of the latents, without reading them; null as `readSpace`. */
export function spaceDims(runDir: string): { vectors: number; latents: number | null } | null {
  const path = join(folderOf(runDir), SPACE);
  if (!existsSync(path)) return null;
  const { vectors, latents } = readShapes(path);
  return { vectors: vectors[1], latents: latents?.[1] ?? null };
}
