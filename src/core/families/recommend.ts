import type { Interactions } from '../data/types.ts';
import { type DeviceId, openDevice } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { selectTop } from '../evaluation/ranking.ts';
import { readSafetensors } from '../files/safetensors.ts';
import type { ProtocolConfig } from '../training/config.ts';
import type { TrainSpec } from '../training/events.ts';
import { generateFor } from './generative/generate.ts';
import { openCatalogueScorer } from './next-item/ranking/catalogue-scorer.ts';
import { rankedInteractions } from './next-item/train.ts';
import { findModel, resolveConfig } from './registry.ts';

export interface RecommendRequest {
  model: string;
  config: Record<string, unknown>;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
  datasetDir: string;
  /** Dense user id. */
  user: number;
  k: number;
  /** Draws the lists of models that sample them. */
  seed: number;
  device: DeviceId | 'auto';
  threads: number;
  /** The runs that the config names. */
  sources?: TrainSpec['sources'];
}

/** The k best items for a user's whole history, the history itself left out; best first. */
export async function recommend(request: RecommendRequest): Promise<{ item: number; score: number }[]> {
  const definition = findModel(request.model);
  if (definition.kind === 'generative') return generateFor(definition, request);
  const config = resolveConfig(request.model, { overrides: request.config });
  const { data } = await rankedInteractions(request.datasetDir, config as ProtocolConfig);
  const history = data.itemIds.subarray(data.offsets[request.user], data.offsets[request.user + 1]);
  const scores = await scoresOf(request, config, data, history);
  if (scores.some(Number.isNaN)) throw new UserError('a score is not a number; the run has diverged');
  const removed = new Uint8Array(data.items);
  for (const item of history) removed[item] = 1;
  const top = selectTop(scores, Math.min(request.k, data.items), removed);
  return Array.from(
    top.filter((item) => item >= 0),
    (item) => ({ item, score: scores[item] }),
  );
}

async function scoresOf(
  request: RecommendRequest,
  config: Record<string, unknown>,
  data: Interactions,
  history: Int32Array,
): Promise<Float32Array> {
  const definition = findModel(request.model);
  const sizes = { users: data.users, items: data.items };
  if (definition.kind === 'fitted') {
    const state = Object.fromEntries(
      Object.entries(readSafetensors(request.checkpoint)).map(([name, { data: values }]) => [name, values]),
    );
    const scores = new Float32Array(data.items);
    definition.build(config, sizes).scorer(state, data).score(request.user, history, scores);
    return scores;
  }
  if (definition.kind !== 'trained') throw new UserError(`${definition.id} recommends no items by itself`);
  const model = definition.build(config, sizes);
  const { user } = request;
  const end = data.offsets[user + 1];
  const { batches } = model;
  const length = batches.kind === 'pairs' ? 1 : Math.min(history.length, batches.maxLength);
  const { context: device } = await openDevice(request.device, { threads: request.threads });
  try {
    const options = { device, data, shape: { rows: 1, length } };
    const scorer = await openCatalogueScorer(model, request.checkpoint, options);
    return await scorer.scores([{ user, end }]);
  } finally {
    await device.dispose();
  }
}
