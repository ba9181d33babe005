/** Which model an adapter was made for, and whether it is the one that it is worked into: shapes alone do not tell. */
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readGguf } from '../../files/gguf.ts';
import { readJson } from '../../files/json.ts';
import { readMetadata } from '../../files/safetensors.ts';
import { isGgufPath } from './checkpoint.ts';
import { ADAPTER_CONFIG, ADAPTER_TENSORS } from './peft-adapter.ts';

/** Key of a fingerprint in the metadata of an adapter's safetensors, which PEFT does not read. */
const FINGERPRINT = 'tessera.base';

const text = z.string().trim().min(1).nullish().catch(null);
const adapterSchema = z.looseObject({ base_model_name_or_path: text });
const hubSchema = z.looseObject({ _name_or_path: text });

/** What a model is called. */
export interface ModelNames {
  /** By its own files. */
  stated: readonly string[];
  /** By whoever named its file or folder: its last part. */
  called: string;
  /** What its files say it was made from. */
  parents: readonly string[];
}

/** Whether an adapter is of a model: "parent" is of the one that this one was made from. */
export type BaseVerdict = 'same' | 'other' | 'parent' | 'unknown';

export interface AdapterBase {
  /** As the adapter names it; null where it says nothing. */
  base: string | null;
  names: ModelNames;
  verdict: BaseVerdict;
}

/** What the files of a model say of its name. Throws UserError where there are none. */
export function modelNames(path: string): ModelNames {
  const called = basename(resolve(path)).replace(/\.gguf$/i, '');
  if (!isGgufPath(path)) {
    const config = hubSchema.safeParse(readJson(join(path, 'config.json')));
    const stated = config.data?._name_or_path;
    return { stated: stated ? [stated] : [], called, parents: [] };
  }
  const entries = Object.entries(readGguf(path).metadata).flatMap(([key, value]) =>
    typeof value === 'string' && value.trim() !== '' ? [[key, value.trim()] as const] : [],
  );
  const of = (keys: RegExp) => entries.filter(([key]) => keys.test(key)).map(([, value]) => value);
  return {
    stated: of(/^general\.(name|repo_url|source\.(repo_url|huggingface\.repository))$/),
    called,
    parents: of(/^general\.base_model\.\d+\.(name|repo_url)$/),
  };
}

/** Which model an adapter names beside the one at `weights`, by what both say. Throws UserError where one cannot be read. */
export function adapterBase(adapter: string, weights: string): AdapterBase {
  const config = adapterSchema.safeParse(readJson(join(adapter, ADAPTER_CONFIG)));
  const base = config.data?.base_model_name_or_path ?? null;
  const names = modelNames(weights);
  return { base, names, verdict: verdictOf(base, weights, names) };
}

function verdictOf(
  base: string | null,
  weights: string,
  { stated, called, parents }: ModelNames,
): BaseVerdict {
  if (base === null) return 'unknown';
  const isOf = (name: string) => plainName(name) === plainName(base);
  if (resolve(base) === resolve(weights) || [...stated, called].some(isOf)) return 'same';
  if (parents.some(isOf)) return 'parent';
  // Who has named a folder may have called it anything.
  return stated.length > 0 ? 'other' : 'unknown';
}

/** "HuggingFaceTB/SmolLM2-135M" and "Smollm2 135M" are one name. */
const plainName = (name: string) =>
  (name.split(/[\\/]/).filter(Boolean).at(-1) ?? '')
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-');

/** One sentence, and whether it is a warning. */
export function baseText({ base, names, verdict }: AdapterBase): { level: 'info' | 'warn'; message: string } {
  const own = names.stated[0] ?? null;
  const model =
    own === null
      ? `the model, which does not say its name, is called "${names.called}"`
      : `the model is "${own}"`;
  if (base === null)
    return {
      level: 'warn',
      message: `the adapter does not say which model it changes, and ${model}: whether they belong together is unknown`,
    };
  const said = `the adapter changes "${base}"`;
  if (verdict === 'same') return { level: 'info', message: `${said}, as the model is called` };
  if (verdict === 'parent')
    return {
      level: 'warn',
      message: `${said}, from which ${own === null ? 'this model' : `"${own}"`} was made: whether its weights are the same is unknown`,
    };
  if (verdict === 'other')
    return {
      level: 'warn',
      message: `${said}, and ${model}: on other weights than its own it gives numbers that mean nothing`,
    };
  return { level: 'warn', message: `${said}, and ${model}: whether they are the same is unknown` };
}

/** A hash of every value of a model by our names, as float32: the same of a GGUF file and a folder with the same numbers. */
export function baseFingerprint(values: Readonly<Record<string, Float32Array>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(values).sort()) {
    const { buffer, byteOffset, byteLength } = values[name];
    hash.update(`${name} ${byteLength}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** Metadata for a new adapter file: the fingerprint of the weights that the adapter changes. */
export const baseMetadata = (fingerprint: string | null): Record<string, string> =>
  fingerprint === null ? {} : { [FINGERPRINT]: fingerprint };

/** Throws UserError if the adapter records a fingerprint of its base weights and `values` has a different one. */
export function requireSameBase(
  adapter: string,
  weights: string,
  values: Readonly<Record<string, Float32Array>>,
): void {
  const stated = readMetadata(join(adapter, ADAPTER_TENSORS))[FINGERPRINT];
  if (stated === undefined || stated === baseFingerprint(values)) return;
  throw new UserError(
    `${adapter}: the adapter was trained on other weights than those of ${weights}: set weights to the model that it was trained on`,
  );
}
