/**
 * A study: a grid of runs over variants of a model, the share of the data and seeds, everything else fixed. In a scaling study
 * the variants are sizes; in a sweep they are its trials.
 */

import { UserError } from '../errors.ts';
import type { StudyCell, StudySpec } from '../store/home/study-spec.ts';
import type { OwnRun } from '../store/types.ts';

export {
  isSweep,
  kindOf,
  type StudyCell,
  type StudySpec,
  type SweepSpec,
  studySpecSchema,
} from '../store/home/study-spec.ts';

export type StudySize = StudySpec['sizes'][number];

/** The model of a size and the preset that its config begins with. */
export function modelOfSize(
  { model, preset }: Pick<StudySpec, 'model' | 'preset'>,
  { variant: ofSize }: StudySize,
): { model: string; preset?: string } {
  return ofSize ?? { model, preset };
}

/** Ids of the models of a study, each once. */
export function modelsOf(spec: Pick<StudySpec, 'model' | 'preset' | 'sizes'>): string[] {
  return [...new Set(spec.sizes.map((size) => modelOfSize(spec, size).model))];
}

/** A cell with the whole config of its run. */
export interface PlannedCell {
  cell: StudyCell;
  /** Id. */
  model: string;
  config: Record<string, unknown>;
}

/** A cell with its run. */
export interface CellRun {
  cell: StudyCell;
  run: OwnRun;
}

/** Every cell, small sizes and shares first, so that the first results come early. */
export function cellsOf({ sizes, shares, seeds }: StudySpec): StudyCell[] {
  return sizes.flatMap((_, size) => shares.flatMap((share) => seeds.map((seed) => ({ size, share, seed }))));
}

/** 0.125 → "12.5 %" */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** What the run of a cell sets besides the preset. */
export function cellOverrides(
  { kind, overrides, sizes }: StudySpec,
  { size, share }: StudyCell,
): Record<string, unknown> {
  // Not every model that can be swept knows shares.
  return { ...overrides, ...sizes[size].config, ...(kind === 'sweep' ? {} : { trainUsers: share }) };
}

/** Names of the keys that the short form "64x2", "64x2x4" or "64x2x4x256" sets, by the model's own keys. */
export interface ShortKeys {
  width: string;
  depth: string;
  heads: string | null;
  /** Of a plain feed-forward layer. */
  hidden: string | null;
}

/** Of a model, by its name, that no study of a law can take, whatever its sizes. */
export const unscaledText = (name: string) =>
  `${name} is not scaled by studies: they take models that are trained by steps to rank all items`;

/** The keys of a model's config that stand for width and depth, or null where it has none such. */
export function shortKeys(keys: readonly string[]): ShortKeys | null {
  const has = (key: string) => keys.includes(key);
  if (has('dim') && has('blocks'))
    return {
      width: 'dim',
      depth: 'blocks',
      heads: has('heads') ? 'heads' : null,
      hidden: has('ffnDim') ? 'ffnDim' : null,
    };
  if (has('hidden') && has('layers')) return { width: 'hidden', depth: 'layers', heads: null, hidden: null };
  return null;
}

/**
 * "64x2x4x256" → width 64, 2 blocks, 4 heads, a feed-forward layer of 256; the last two may be left out.
 * Throws UserError where the text is none, or the model has no such keys.
 */
export function sizeOfText(text: string, keys: ShortKeys | null): StudySize {
  if (!/^[1-9]\d*(x[1-9]\d*){1,3}$/.test(text)) {
    throw new UserError(
      `"${text}" is no size; write width x depth, with heads, or with the feed-forward width, too: 64x2, 64x2x4, 64x2x4x256`,
    );
  }
  if (!keys) throw new UserError('this model has no width and depth to scale; choose a sequence model');
  const [width, depth, heads, hidden] = text.split('x').map(Number);
  const chosen: Record<string, unknown> = { [keys.width]: width, [keys.depth]: depth };
  if (heads !== undefined) {
    if (keys.heads === null)
      throw new UserError(`"${text}": this model has no heads; write ${width}x${depth}`);
    chosen[keys.heads] = heads;
  }
  if (hidden !== undefined) {
    if (keys.hidden === null)
      throw new UserError(
        `"${text}": this model has no feed-forward width; write ${width}x${depth}x${heads}`,
      );
    chosen[keys.hidden] = hidden;
  }
  return { label: text, config: chosen };
}

/** Throws UserError where shares, sizes or seeds repeat, or are out of order. */
export function checkGrid({
  kind,
  sizes,
  shares,
  seeds,
}: Pick<StudySpec, 'kind' | 'sizes' | 'shares' | 'seeds'>): void {
  const repeated = (values: readonly unknown[]) => values.find((value, at) => values.indexOf(value) !== at);
  const twice = repeated(sizes.map(({ label }) => label)) ?? repeated(shares) ?? repeated(seeds);
  if (twice !== undefined)
    throw new UserError(`${String(twice)} is in the ${kind === 'sweep' ? 'sweep' : 'study'} twice`);
}
