/** What a new training repeats: a run of the home, or the settings in a file. */
import { readFileSync, statSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { configOfRun, findModel } from '../../core/families/registry.ts';
import { isObject, readJson } from '../../core/files/json.ts';
import { ownRun } from '../../core/store/runs/run-kinds.ts';
import type { Store } from '../../core/store/store.ts';

/** What it takes where the command line does not say otherwise. */
export interface Repeated {
  model?: string;
  dataset?: string;
  seed?: number;
  /** Of a run all keys, of a file those that it has. */
  config: Record<string, unknown>;
}

/** Throws UserError for a run that is not there, or that another program trained. */
export function likeRun(store: Store, reference: string): Repeated {
  const run = ownRun(store.runs.find(reference));
  const { model, seed, dataset } = run;
  return { model, seed, dataset: dataset.id ?? dataset.name, config: configOfRun(run) };
}

/** Nobody writes so many settings. */
const MAX_BYTES = 2 ** 20;

const dataset = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);

/** A run as `runs show --json` prints it, or the beginning of one. */
const recordSchema = z.object({
  model: z.string(),
  dataset: dataset.nullish(),
  seed: z.int().nonnegative().nullish(),
  config: z.record(z.string(), z.unknown()),
});

/** The keys of a config, with what they are to be trained of beside them. */
const settingsSchema = z.looseObject({
  model: z.string().optional(),
  dataset: dataset.optional(),
  seed: z.int().nonnegative().optional(),
});

/**
 * The settings of a file in JSON or YAML: what `runs show --json` prints of a run, or the keys of a config, with or without
 * `model`, `dataset` and `seed`. Throws UserError where they are neither.
 */
export function configFile(path: string): Repeated {
  const value = readSettings(path);
  if (!isObject(value)) throw new UserError(`${path}: it must hold the keys of a config with their values`);
  if ('config' in value) {
    const { model, seed, config, ...others } = checked(path, recordSchema, value);
    const former = { ...findModel(model).formerly, ...config };
    return { model, dataset: others.dataset ?? undefined, seed: seed ?? undefined, config: former };
  }
  const { model, seed, dataset, ...config } = checked(path, settingsSchema, value);
  return { model, dataset, seed, config };
}

function readSettings(path: string): unknown {
  let size: number;
  try {
    ({ size } = statSync(path));
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  if (size > MAX_BYTES) throw new UserError(`${path}: too large for settings; name a file in JSON or YAML`);
  if (!/\.ya?ml$/i.test(path)) return readJson(path);
  try {
    return load(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${path}: cannot be read as YAML: ${messageOf(error)}`);
  }
}

function checked<S extends z.ZodType>(path: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`${path}: ${issue.path.join('.')}: ${issue.message}`);
}
