import { UserError } from '../errors.ts';
import { protocolDefaults, selectionConflict } from '../training/config.ts';
import { SOURCES, type SourceKey } from '../training/sources.ts';
import { dlrm } from './clicks/dlrm.ts';
import { hstuRanking } from './clicks/hstu-ranking.ts';
import { tiger } from './generative/tiger.ts';
import { brew } from './language/brew.ts';
import type { ModelDefinition } from './model.ts';
import { bprmf } from './next-item/bprmf.ts';
import { checkItemTable } from './next-item/causal-encoder.ts';
import { contentKnn } from './next-item/content-knn.ts';
import { ease } from './next-item/ease.ts';
import { fuxiAlpha } from './next-item/fuxi-alpha.ts';
import { gru4rec } from './next-item/gru4rec.ts';
import { hstu } from './next-item/hstu.ts';
import { itemknn } from './next-item/itemknn.ts';
import { llama } from './next-item/llama.ts';
import { narm } from './next-item/narm.ts';
import { popularity } from './next-item/popularity.ts';
import { sasrec } from './next-item/sasrec.ts';
import { importedIds } from './tokenisers/imported-ids.ts';
import { residualKmeans } from './tokenisers/residual-kmeans.ts';
import { rqVae } from './tokenisers/rq-vae.ts';

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
