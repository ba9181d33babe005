/** Every family, and with it every model. */
import { UserError } from '../errors.ts';
import { pathsIn } from '../files/path-fields.ts';
import { requireReadable } from '../files/readable.ts';
import { type Config, presentKey, protocolConflict, protocolDefaults } from '../training/config.ts';
import { SOURCES, type SourceKey } from '../training/sources.ts';
import { clicks } from './clicks/family.ts';
import { generative } from './generative/family.ts';
import { language } from './language/family.ts';
import type { Family, Model } from './model.ts';
import { nextItem } from './next-item/family.ts';
import { presetsOf } from './presets.ts';
import { tokenisers } from './tokenisers/family.ts';

const families: readonly Family[] = [nextItem, tokenisers, clicks, language, generative];

/** Every model, simplest first. */
export const models: readonly Model[] = families.flatMap(({ models }) =>
  models.map((model) => ({
    ...model,
    // Read when asked for: most commands and every trainer need none.
    get presets() {
      return presetsOf(model.id);
    },
  })),
);

/** @throws UserError naming the known models */
export function findModel(id: string): Model {
  const model = models.find((candidate) => candidate.id === id);
  if (!model) {
    throw new UserError({
      code: 'unknown-model',
      problem: `unknown model "${id}"`,
      fix: `choose one of: ${models.map((m) => m.id).join(', ')}`,
    });
  }
  return model;
}

/**
 * The full config of a model: defaults (those of the protocol included), then the preset, then the overrides,
 * checked by its schema.
 * @throws UserError with the key as its field, and where it names a file that the caller may not have read
 */
export function resolveConfig(id: string, options: { preset?: string; overrides?: Config } = {}): Config {
  const config = completeConfig(id, options);
  requireReadable(pathsIn(findModel(id).configSchema, config));
  return config;
}

/** The full config of a run, whoever asks: it was checked when the run was made. */
export function configOfRun({ model, config }: { model: string; config: Config }): Config {
  return completeConfig(model, { overrides: { ...findModel(model).formerly, ...config } });
}

function completeConfig(id: string, options: { preset?: string; overrides?: Config }): Config {
  const model = findModel(id);
  const { preset } = options;
  const overrides = Object.fromEntries(
    Object.entries(options.overrides ?? {}).map(([key, value]) => [presentKey(key), value]),
  );
  if (preset !== undefined && !Object.hasOwn(model.presets, preset)) {
    const known = Object.keys(model.presets).join(', ') || 'none';
    throw new UserError(`${id} has no preset "${preset}"; its presets: ${known}`);
  }
  const keys = Object.keys(model.configSchema.shape);
  const unknown = Object.keys(overrides).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const why = unknown === 'itemTable' ? itemTableHint(model) : '';
    throw new UserError(`${id} has no config key "${unknown}"${why}; its keys: ${keys.join(', ')}`);
  }
  const base = preset === undefined ? {} : model.presets[preset].config;
  const requested = { ...base, ...overrides };
  const parsed = model.configSchema.safeParse({
    ...protocolDefaults(requested.protocol, keys),
    ...requested,
  });
  if (parsed.success) {
    const conflict = protocolConflict(parsed.data);
    if (conflict !== null) {
      throw new UserError({ code: 'bad-config', model: id, ...conflict });
    }
    model.checkConfig(parsed.data);
    requireSources(model, parsed.data);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new UserError({
    code: 'bad-config',
    model: id,
    field: issue.path.join('.'),
    problem: issue.message,
    fix: { cli: `see: tessera models ${id}` },
  });
}

/** Which models may keep their item vectors on the host, for one that may not. */
function itemTableHint({ kind }: Model): string {
  if (kind !== 'trained') return '';
  const ids = models.filter(({ configSchema }) => 'itemTable' in configSchema.shape).map(({ id }) => id);
  return `: its item vectors stay on the device; those of ${ids.join(', ')} may be on the host`;
}

function requireSources({ id, sources = {} }: Model, config: Config): void {
  const missing = Object.entries(sources).find(([key, need]) => need === 'required' && !config[key]);
  if (!missing) return;
  const { needs } = SOURCES[missing[0] as SourceKey];
  const what = needs === 'semantic-ids' ? 'a tokeniser' : 'a run with a checkpoint';
  throw new UserError({
    code: 'bad-config',
    model: id,
    field: missing[0],
    problem: `name ${what}, by the run's id or name`,
    fix: { cli: '"tessera runs list" shows them' },
  });
}
