/** Presets of models: named changes to their defaults, as data in resources/presets/, one file a model. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shippedFolder } from '../resources.ts';
import type { Config } from '../training/config.ts';

const presetSchema = z.strictObject({
  /** Where the values come from; lists of presets show it. */
  description: z.string(),
  /** Why these values were chosen; for maintainers, no list shows it. */
  why: z.string().optional(),
  /** The preset whose config this one changes: of the same file, or "shared/NAME" of shared.json. */
  extends: z.string().optional(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
type PresetFile = Record<string, z.output<typeof presetSchema>>;

export type Presets = Record<string, { description: string; config: Config }>;

/** The presets of a model; none where it has no file. A test checks each by the schema of its model. */
export function presetsOf(model: string): Presets {
  const file = readPresets(model);
  const presets: Presets = {};
  for (const [name, { description }] of Object.entries(file)) {
    presets[name] = { description, config: configOf(name, file) };
  }
  return presets;
}

function configOf(name: string, file: PresetFile): Config {
  if (!Object.hasOwn(file, name)) throw new Error(`a preset extends "${name}", which there is none of`);
  const { extends: base, config } = file[name];
  if (base === undefined) return config;
  const shared = base.startsWith('shared/');
  return {
    ...(shared ? configOf(base.slice('shared/'.length), readPresets('shared')) : configOf(base, file)),
    ...config,
  };
}

/** Files that have been read; they ship with the program and do not change. */
const filesRead = new Map<string, PresetFile>();

function readPresets(name: string): PresetFile {
  const known = filesRead.get(name);
  if (known) return known;
  const path = join(shippedFolder('presets'), `${name}.json`);
  const file = existsSync(path)
    ? z.record(z.string(), presetSchema).parse(JSON.parse(readFileSync(path, 'utf8')))
    : {};
  filesRead.set(name, file);
  return file;
}
