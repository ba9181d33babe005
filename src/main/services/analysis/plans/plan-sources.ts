/** What rows of a plan build on: runs that are trained before them, such as tokenisers. Until they are there, their place in a config is held. */
import { UserError } from '../../../../core/errors.ts';
import { findModel } from '../../../../core/families/registry.ts';
import { modelTitle } from '../../../../core/model-facts.ts';
import type { PlannedSource } from '../../../../core/plans/expand-plan.ts';
import type { RunMatch } from '../../../../core/plans/match-runs.ts';
import { type Config, protocolFields } from '../../../../core/training/config.ts';
import { exposureOf, leakReason } from '../../../../core/training/provenance.ts';
import { SOURCES, type SourceKey } from '../../../../core/training/sources.ts';

export interface ResolvedSource extends Omit<PlannedSource, 'sources'> {
  /** Whole, but for the runs that it builds on itself. */
  config: Config;
  sources: ResolvedSource[];
}

export interface SourceState extends Omit<ResolvedSource, 'sources'> {
  sources: SourceState[];
  /** Missing while what it builds on is. */
  match: RunMatch;
}

type Planned = Pick<PlannedSource, 'key' | 'model'>;

/** What stands for runs that there are not yet, so that the rest of a config can be checked. */
const heldPlaces = (sources: readonly Planned[]): Config =>
  Object.fromEntries(sources.map(({ key, model }) => [key, `${model} of the plan`]));

/** With the ids of the runs that it builds on; null as long as one of them is not done. */
export function builtOn(config: Config, sources: readonly SourceState[]): Config | null {
  const ids = sources.flatMap(({ key, match }) => (match.state === 'done' ? [[key, match.run]] : []));
  return ids.length === sources.length ? { ...config, ...Object.fromEntries(ids) } : null;
}

/** What is set of a model that builds on others. */
export function overridesOn(
  sources: readonly PlannedSource[],
  overrides: Record<string, unknown>,
): Record<string, unknown> {
  const readsVectors = sources.some(({ key }) => key === 'vectorsFrom') && overrides.content === undefined;
  return { ...overrides, ...heldPlaces(sources), ...(readsVectors ? { content: 'run' } : {}) };
}

/** The same of a source: what is held out of the row that builds on it is held out of it, too. */
export function sourceOverrides({ model, overrides, sources }: PlannedSource, row: Config): Config {
  const { shape } = findModel(model).configSchema;
  const held = Object.keys(protocolFields).filter((key) => key in shape && key in row);
  return { ...overridesOn(sources, overrides), ...Object.fromEntries(held.map((key) => [key, row[key]])) };
}

/** Throws UserError where a model is given nothing to build on, neither a model nor a run of the home. */
export function requireBuiltOn(model: string, overrides: Config): void {
  const needed = Object.entries(findModel(model).sources ?? {});
  if (!needed.some(([key, need]) => key === 'tokeniser' && need === 'required' && !overrides[key])) return;
  throw new UserError(
    `${model} needs a tokeniser: write { ${model}: { tokeniser: rq-vae } }, or name a run: { ${model}: { settings: { tokeniser: its-name } } }`,
  );
}

/** Throws UserError where runs of the model are not what the key asks for. */
export function requireFitting({ key, model }: Planned): void {
  const { needs } = SOURCES[key];
  const { id, kind } = findModel(model);
  if (needs === 'semantic-ids' ? kind === 'tokeniser' : kind === 'trained') return;
  throw new UserError(
    needs === 'semantic-ids'
      ? `${id} makes no Semantic IDs: name a tokeniser, such as ${key}: rq-vae`
      : `${id} learns no item embeddings: name a model such as ${key}: sasrec`,
  );
}

/** Throws UserError where what is built on, at any depth, learns from what the config holds out. */
export function requireUnseen(config: Config, sources: readonly ResolvedSource[]): void {
  for (const source of sources) {
    const reason = leakReason(exposureOf(source.config), exposureOf(config));
    if (reason !== null) throw new UserError(`its ${sourceWords(source.key)} ${source.model} ${reason}`);
    requireUnseen(config, source.sources);
  }
}

/** Every one, those that others build on first. */
export const allSources = <S extends { sources: S[] }>(sources: readonly S[]): S[] =>
  sources.flatMap((source) => [...allSources(source.sources), source]);

const WORDS: Partial<Record<SourceKey, string>> = { tokeniser: 'tokeniser', vectorsFrom: 'item vectors of' };

/** "tokeniser" */
export const sourceWords = (key: SourceKey): string => WORDS[key] ?? key;

/** "tokeniser RQ-VAE" */
export const sourceTitle = ({ key, model }: Planned): string => `${sourceWords(key)} ${modelTitle(model)}`;
