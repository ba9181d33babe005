/** Scores of the whole catalogue from a run that ranks items, for models that look at its candidates again. */
import type { Interactions } from '../data/types.ts';
import type { DeviceContext } from '../engine/index.ts';
import { throwIfCancelled, UserError } from '../errors.ts';
import { readSafetensors } from '../files/safetensors.ts';
import type { ProtocolConfig } from '../training/config.ts';
import { candidatesOf } from '../training/ranking/context.ts';
import { openCatalogueScorer, type ScoredUser } from './next-item/ranking/catalogue-scorer.ts';
import { findModel, resolveConfig } from './registry.ts';

const ROWS = 16;

export interface ScoredRun {
  name: string;
  model: string;
  config: Record<string, unknown>;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
}

/**
 * Calls `use` with the scores of every candidate of the run, for one user after the other. The device's state is replaced.
 * @throws UserError where the run's model scores no catalogue
 */
export async function catalogueScores(
  run: ScoredRun,
  interactions: Interactions,
  users: readonly ScoredUser[],
  device: DeviceContext,
  use: (index: number, scores: Float32Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  const definition = findModel(run.model);
  const config = resolveConfig(run.model, { overrides: run.config });
  const data = candidatesOf(interactions, config as ProtocolConfig);
  const sizes = { users: data.users, items: data.items };
  if (definition.kind === 'fitted') {
    const state = Object.fromEntries(
      Object.entries(readSafetensors(run.checkpoint)).map(([name, { data: values }]) => [name, values]),
    );
    const scorer = definition.build(config, sizes).scorer(state, data);
    const scores = new Float32Array(data.items);
    users.forEach(({ user, end }, index) => {
      throwIfCancelled(signal);
      scorer.score(user, data.itemIds.subarray(data.offsets[user], end), scores);
      use(index, scores);
    });
    return;
  }
  if (definition.kind !== 'trained') {
    throw new UserError(`run ${run.name} scores no catalogue; name a run of a model that ranks all items`);
  }
  const model = definition.build(config, sizes);
  const shape = { rows: ROWS, length: model.batches.kind === 'pairs' ? 1 : model.batches.maxLength };
  const scorer = await openCatalogueScorer(model, run.checkpoint, { device, data, shape });
  for (let from = 0; from < users.length; from += ROWS) {
    throwIfCancelled(signal);
    const part = users.slice(from, from + ROWS);
    const scores = await scorer.scores(part);
    part.forEach((_, row) => {
      use(from + row, scores.subarray(row * data.items, (row + 1) * data.items));
    });
  }
  await scorer.release();
}
