import { SequenceInputs } from '../data/sequence-inputs.ts';
import type { Interactions } from '../data/types.ts';
import { type DeviceContext, type DeviceId, type HostArrays, openDevice } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { selectTop } from '../evaluation/ranking.ts';
import type { ProtocolConfig } from '../models/config.ts';
import { findModel, resolveConfig } from '../models/registry.ts';
import type { TrainableModel } from '../models/types.ts';
import { readSafetensors } from '../safetensors.ts';
import type { TrainSpec } from './events.ts';
import { generateFor } from './generative/generate.ts';
import { rankedInteractions } from './next-item.ts';
import { scoringSpecs } from './programs.ts';

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
  const tensors = readSafetensors(request.checkpoint);
  const sizes = { users: data.users, items: data.items };
  if (definition.kind === 'fitted') {
    const state = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.data]));
    const scores = new Float32Array(data.items);
    definition.build(config, sizes).scorer(state, data).score(request.user, history, scores);
    return scores;
  }
  if (definition.kind !== 'trained') throw new UserError(`${definition.id} recommends no items by itself`);
  const model = definition.build(config, sizes);
  const { context } = await openDevice(request.device, { threads: request.threads });
  try {
    const parameters = Object.keys(model.parameters).map((name) => [name, tensors[name]] as const);
    const missing = parameters.find(([, tensor]) => !tensor);
    if (missing) throw new UserError(`${request.checkpoint}: no tensor "${missing[0]}"; is it of this run?`);
    await context.load(Object.fromEntries(parameters));
    return await scoreOne(model, context, data, request.user);
  } finally {
    await context.dispose();
  }
}

async function scoreOne(
  model: TrainableModel,
  device: DeviceContext,
  data: Interactions,
  user: number,
): Promise<Float32Array> {
  const [from, end] = [data.offsets[user], data.offsets[user + 1]];
  const { batches } = model;
  const length = batches.kind === 'pairs' ? 1 : Math.min(end - from, batches.maxLength);
  const shape = { rows: 1, length };
  const executable = await device.compile({
    name: 'recommend',
    state: model.parameters,
    inputs: scoringSpecs(model, shape),
    run: (state, inputs) => ({ state: {}, outputs: { scores: model.scores(state, inputs, shape) } }),
  });
  const { scores } = await executable.run(inputsOf(batches, data, user, length));
  return scores as Float32Array;
}

function inputsOf(
  batches: TrainableModel['batches'],
  data: Interactions,
  user: number,
  length: number,
): HostArrays {
  if (batches.kind === 'pairs') return { users: Int32Array.of(user) };
  const histories = new SequenceInputs(1, length, batches.columns);
  histories.write(0, data, user, data.offsets[user + 1], length);
  return histories.arrays;
}
