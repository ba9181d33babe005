import { UserError } from '../errors.ts';
import { bprmf } from './bprmf.ts';
import { brew } from './brew.ts';
import { protocolDefaults, selectionConflict } from './config.ts';
import { contentKnn } from './content-knn.ts';
import { dlrm } from './dlrm.ts';
import { ease } from './ease.ts';
import { fuxiAlpha } from './fuxi-alpha.ts';
import { gru4rec } from './gru4rec.ts';
import { hstu } from './hstu.ts';
import { hstuRanking } from './hstu-ranking.ts';
import { importedIds } from './imported-ids.ts';
import { itemknn } from './itemknn.ts';
import { llama } from './llama.ts';
import { narm } from './narm.ts';
import { checkItemTable } from './next-item.ts';
import { popularity } from './popularity.ts';
import { residualKmeans } from './residual-kmeans.ts';
import { rqVae } from './rq-vae.ts';
import { sasrec } from './sasrec.ts';
import { SOURCES, type SourceKey } from './sources.ts';
import { tiger } from './tiger.ts';
import type { ModelDefinition } from './types.ts';

/** Every model, simplest first. */
export const models: readonly ModelDefinition[] = [
  popularity,
  itemknn,
  contentKnn,
  ease,
  bprmf,
  gru4rec,
  narm,
  sasrec,
  llama,
  hstu,
  fuxiAlpha,
  residualKmeans,
  rqVae,
  importedIds,
  dlrm,
  hstuRanking,
  brew,
  tiger,
];

/** @throws UserError naming the known models */
export function findModel(id: string): ModelDefinition {
  const model = models.find((candidate) => candidate.id === id);
  if (!model) {
    throw new UserError(`unknown model "${id}"; choose one of: ${models.map((m) => m.id).join(', ')}`);
  }
  return model;
}

/**
 * The full config of a model: defaults (those of the protocol included), then the preset, then the overrides,
 * checked by its schema.
 * @throws UserError naming the key and what is wrong with it
 */
export function resolveConfig(
  id: string,
  options: { preset?: string; overrides?: Record<string, unknown> } = {},
): Record<string, unknown> {
  const model = findModel(id);
  const { preset, overrides = {} } = options;
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
  const asked = { ...base, ...overrides };
  const parsed = model.configSchema.safeParse({ ...protocolDefaults(asked.protocol, keys), ...asked });
  if (parsed.success) {
    const conflict = selectionConflict(parsed.data);
    if (conflict !== null) throw new UserError(`${id} config "selection": ${conflict}`);
    checkItemTable(parsed.data);
    requireSources(model, parsed.data);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const key = issue.path.join('.');
  throw new UserError(`${id} config "${key}": ${issue.message}; see: tessera models ${id}`);
}

/** Which models may keep their item vectors on the host, for one that may not. */
function itemTableHint({ kind }: ModelDefinition): string {
  if (kind !== 'trained') return '';
  const ids = models.filter(({ configSchema }) => 'itemTable' in configSchema.shape).map(({ id }) => id);
  return `: its item vectors stay on the device; those of ${ids.join(', ')} may be on the host`;
}

function requireSources({ id, sources = {} }: ModelDefinition, config: Record<string, unknown>): void {
  const missing = Object.entries(sources).find(([key, need]) => need === 'required' && !config[key]);
  if (!missing) return;
  const { needs } = SOURCES[missing[0] as SourceKey];
  const what = needs === 'semantic-ids' ? 'a tokeniser' : 'a run with a checkpoint';
  throw new UserError(`${id} config "${missing[0]}": name ${what}, by the run's id or name`);
}
