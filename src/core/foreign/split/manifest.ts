/** The manifest that goes with an exported split; by it, a result made from the split is matched to it later. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { splitFields } from '../../data/splits/index.ts';
import type { DatasetSummary, Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { canonicalJson } from '../../evaluation/protocol.ts';
import { readJson } from '../../files/json.ts';
import { type Config, protocolConflict, protocolFields, protocolSchema } from '../../training/config.ts';
import { splitFacts, tieRule } from '../../training/ranking/protocol.ts';
import { EXPORT_FORMATS } from './formats.ts';
import { MANIFEST } from './manifest-name.ts';

export { MANIFEST };

/** Another number once a reader of earlier manifests would take a new one for something else. */
const SCHEMA = 'tessera-split-1';

/** What is held out, by the config keys of a training. */
export const splitChoiceSchema = z.strictObject(splitFields);
const { targets } = protocolFields;
/** The same, and which of it is to be found. */
const exportSchema = splitChoiceSchema.extend({ targets });
export type SplitChoice = z.output<typeof exportSchema>;

/** Options of an import that say which rows it kept and how it ordered them; the others name files of its machine. */
const FILTERS = ['preset', 'minUser', 'minItem', 'minRating', 'from', 'to', 'dedupe', 'ties', 'seed'];

const count = z.int().nonnegative();

export const manifestSchema = z.object({
  schema: z.literal(SCHEMA),
  dataset: z.object({ name: z.string(), fingerprint: z.string() }),
  split: splitChoiceSchema,
  /** Which of it is to be found. */
  targets,
  /** Of what is held out, from whom and in which order. */
  fingerprint: z.string(),
  format: z.enum(EXPORT_FORMATS),
  /** How the files are to be read, in words. */
  reading: z.record(z.string(), z.string()),
  /** Which rows the import kept. */
  filters: z.record(z.string(), z.unknown()),
  counts: z.object({
    users: count,
    items: count,
    train: count,
    validation: count,
    validationUsers: count,
    testUsers: count,
    usersWithoutHistory: count,
  }),
  files: z.array(
    z.object({ name: z.string(), part: z.string(), rows: count, bytes: count, sha256: z.string() }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;

/** A manifest of what is held out of a data set. */
export function manifestOf(
  {
    summary,
    data,
    choice: { targets, ...split },
  }: { summary: DatasetSummary; data: Interactions; choice: SplitChoice },
  written: Pick<Manifest, 'format' | 'reading' | 'counts' | 'files'>,
): Manifest {
  const { name, fingerprint, options } = summary;
  return {
    schema: SCHEMA,
    dataset: { name, fingerprint },
    ...{ split, targets },
    fingerprint: splitFingerprint(summary, data, split),
    filters: Object.fromEntries(FILTERS.filter((key) => key in options).map((key) => [key, options[key]])),
    ...written,
  };
}

/** What is held out by config keys of the user. Throws UserError for others, for values they do not have or that do not go together. */
export function splitChoice(config: Config): SplitChoice {
  const parsed = exportSchema.safeParse(config);
  const conflict = parsed.success ? protocolConflict(parsed.data) : null;
  if (parsed.success && conflict === null) return parsed.data;
  const [{ path, message }] = parsed.error?.issues ?? [];
  const keys = Object.keys(exportSchema.shape).join(', ');
  throw new UserError(
    `the split: ${conflict?.problem ?? `${[...path, message].join(': ')}; its keys are ${keys}`}`,
  );
}

/** sha256 (hex) of what a split rests on; whether validation items are trained on in the end is no part of it. */
export function splitFingerprint(
  summary: DatasetSummary,
  data: Pick<Interactions, 'times'>,
  split: Manifest['split'],
): string {
  const facts = { dataset: summary.fingerprint, ties: tieRule(summary) };
  const held = splitFacts(protocolSchema.parse(split), data);
  return createHash('sha256')
    .update(canonicalJson({ ...facts, ...held }))
    .digest('hex');
}

/** Throws UserError for a file that is no manifest of an exported split. */
export function readManifest(path: string): Manifest {
  if (!existsSync(path))
    throw new UserError(`${path}: no such file; name the ${MANIFEST} of an exported split`);
  const parsed = manifestSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${path}: not the manifest of an exported split; name the one that "datasets export" wrote`,
  );
}

/** The manifest of a folder; null where it has none. */
export function manifestIn(path: string): Manifest | null {
  return existsSync(path) && isManifest(path) ? readManifest(path) : null;
}

/** Other programs have files of this name, too. */
function isManifest(path: string): boolean {
  try {
    return String((readJson(path) as Partial<Manifest> | null)?.schema).startsWith('tessera-split-');
  } catch {
    return false;
  }
}

/** Throws UserError where a manifest is of another split than the one that the data set has now. */
export function requireSameSplit(
  path: string,
  manifest: Manifest,
  { summary, data }: { summary: DatasetSummary; data: Pick<Interactions, 'times'> },
): void {
  if (manifest.fingerprint === splitFingerprint(summary, data, manifest.split)) return;
  const { name, fingerprint } = manifest.dataset;
  const other =
    fingerprint === summary.fingerprint
      ? 'other times or another order of equal times'
      : `the data set "${name}" (fingerprint ${fingerprint.slice(0, 12)}), and "${summary.name}" has ${summary.fingerprint.slice(0, 12)}`;
  throw new UserError(`${path}: it belongs to ${other}; name the data set that was exported`);
}
