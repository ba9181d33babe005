/** Opens a checkpoint to score the whole catalogue for any users. */
import { SequenceInputs } from '../../../data/batches/sequence-batches.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext, HostArrays } from '../../../engine/index.ts';
import { readSafetensors } from '../../../files/safetensors.ts';
import { scoringSpecs } from '../../../training/programs.ts';
import type { CatalogueScorer, ScoredUser, ScorerRequest } from '../../../training/ranking/scorer.ts';
import { valuesOf } from '../../../training/step-loop.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import { loadStored } from '../../../training/stored-model.ts';
import type { NextItemDefinition, TrainedModel } from '../next-item-model.ts';
import { HostTableScorer } from './host-table-scorer.ts';

/** Throws UserError where the checkpoint is of another model. */
export async function openScorer(
  definition: NextItemDefinition,
  request: ScorerRequest,
): Promise<CatalogueScorer> {
  const { config, checkpoint, data, rows, longest } = request;
  const { items } = data;
  if (definition.kind === 'fitted') {
    const scorer = definition.build(config).scorer(valuesOf(readSafetensors(checkpoint)), data);
    return {
      scores: async (scored) => {
        const all = new Float32Array(scored.length * items);
        scored.forEach(({ user, end }, row) => {
          const history = data.itemIds.subarray(data.offsets[user], end);
          scorer.score(user, history, all.subarray(row * items, (row + 1) * items));
        });
        return all;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const model = definition.build(config, data);
  const length = model.batches.kind === 'pairs' ? 1 : Math.min(longest ?? Infinity, model.batches.maxLength);
  return openTrainedScorer(model, checkpoint, {
    device: await request.device(),
    data,
    shape: { rows, length },
  });
}

/** The same of a model that is built. The device's state is replaced. */
export async function openTrainedScorer(
  model: TrainedModel,
  checkpoint: string,
  { device, data, shape }: { device: DeviceContext; data: Interactions; shape: BatchShape },
): Promise<CatalogueScorer> {
  const tables = await loadStored(model, checkpoint, device);
  const inputs = (users: readonly ScoredUser[]) => historiesOf(model, data, shape, users);
  if (model.tableIds) {
    const scoring = new HostTableScorer(model, device, tables);
    return {
      scores: async (users) => scoring.scores(await scoring.queries(shape, inputs(users)), shape.rows),
      [Symbol.asyncDispose]: () => scoring.release(),
    };
  }
  const executable = await device.compile({
    name: 'catalogue scores',
    state: model.parameters,
    inputs: scoringSpecs(model, shape),
    run: (state, given) => ({ state: {}, outputs: { scores: model.scores(state, given, shape) } }),
  });
  return {
    scores: async (users) => (await executable.run(inputs(users))).scores as Float32Array,
    [Symbol.asyncDispose]: () => executable.release(),
  };
}

function historiesOf(
  { batches }: TrainedModel,
  data: Interactions,
  { rows, length }: BatchShape,
  users: readonly ScoredUser[],
): HostArrays {
  if (batches.kind === 'pairs') {
    const ids = new Int32Array(rows);
    ids.set(users.map(({ user }) => user));
    return { users: ids };
  }
  const histories = new SequenceInputs(rows, length, batches.columns);
  users.forEach(({ user, end }, row) => {
    histories.write(row, data, user, end, Math.min(length, end - data.offsets[user]));
  });
  return histories.arrays;
}
