/** The full config of a model. */
import { z } from 'zod';
import { splitOf } from '../data/splits/index.ts';
import { UserError } from '../errors.ts';
import { plainName, versionOf } from '../plugins/ids.ts';
import { type Config, presentKey, protocolConflict, protocolDefaults } from '../training/config.ts';
import { SOURCES, type SourceKey } from '../training/sources.ts';
import type { Model } from './model.ts';

/** That of a run, which was checked when the run was made. */
export function configFor(model: Model, config: Config): Config {
  return completeConfig(model, { overrides: { ...model.formerly, ...config } });
}

/** `others`: the models that an error may name beside it. Throws UserError with the key as its field. */
export function completeConfig(
  model: Model,
  options: { preset?: string; overrides?: Config },
  others: readonly Model[] = [],
): Config {
  const { id } = model;
  const { preset } = options;
  const overrides = Object.fromEntries(
    Object.entries(options.overrides ?? {})
      .map(([key, value]) => [presentKey(key), value] as const)
      .map(([key, value]) => [key, newestChoice(model.configSchema.shape[key], value)]),
  );
  if (preset !== undefined && !Object.hasOwn(model.presets, preset)) {
    const known = Object.keys(model.presets).join(', ') || 'none';
    throw new UserError(`${id} has no preset "${preset}"; its presets: ${known}`);
  }
  const keys = Object.keys(model.configSchema.shape);
  const unknown = Object.keys(overrides).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const why = unknown === 'itemTable' ? itemTableHint(model, others) : '';
    throw new UserError(`${id} has no config key "${unknown}"${why}; its keys: ${keys.join(', ')}`);
  }
  const base = preset === undefined ? {} : model.presets[preset].config;
  const requested = { ...base, ...overrides };
  const parsed = model.configSchema.safeParse({
    ...protocolDefaults(requested.protocol, keys),
    ...requested,
  });
  if (parsed.success) {
    const conflict = protocolConflict(parsed.data) ?? strangersConflict(model, parsed.data);
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

/** What a plug-in adds to the choices of a key may be called by its name alone, which is then its newest version. */
function newestChoice(schema: unknown, value: unknown): unknown {
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  const choices = inner instanceof z.ZodEnum ? inner.options : [];
  return (
    choices.findLast((choice) => versionOf(String(choice)) !== null && plainName(String(choice)) === value) ??
    value
  );
}

/** Why a model cannot be tested with the split, and what to change; null where it can. */
function strangersConflict({ title, knowsUsers }: Model, config: Config) {
  if (!knowsUsers || !splitOf(config).strangers) return null;
  const problem = `${title} learns a vector for each user, and those who are held out whole are never trained on; set split=leave-last-out or time, or choose a model that reads histories`;
  return { field: 'split', problem };
}

/** Which models may keep their item vectors on the host, for one that may not. */
function itemTableHint({ kind }: Model, models: readonly Model[]): string {
  const ids = models.filter(({ configSchema }) => 'itemTable' in configSchema.shape).map(({ id }) => id);
  if (kind !== 'trained' || ids.length === 0) return '';
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
