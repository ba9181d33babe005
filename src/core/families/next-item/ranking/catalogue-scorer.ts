/** Scores of every item for some users, from a checkpoint of a model trained by steps. */
import { SequenceInputs } from '../../../data/sequence-inputs.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext, HostArrays } from '../../../engine/index.ts';
import { scoringSpecs } from '../../../training/programs.ts';
import { loadStored } from '../../../training/stored-model.ts';
import type { BatchShape, TrainableModel } from '../../model.ts';
import { RowScoring } from './host-table-scorer.ts';

/** A user's history is everything before `end`. */
export interface ScoredUser {
  user: number;
  end: number;
}

export interface CatalogueScorer {
  /** One row of scores a user, [shape.rows, items]; for at most so many users at once. */
  scores(users: readonly ScoredUser[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Throws UserError where the checkpoint is of another model. The device's state is replaced. */
export async function openCatalogueScorer(
  model: TrainableModel,
  checkpoint: string,
  { device, data, shape }: { device: DeviceContext; data: Interactions; shape: BatchShape },
): Promise<CatalogueScorer> {
  const tables = await loadStored(model, checkpoint, device);
  const inputs = (users: readonly ScoredUser[]) => historiesOf(model, data, shape, users);
  if (model.rowInputs) {
    const scoring = new RowScoring(model, device, tables);
    return {
      scores: async (users) => scoring.scores(await scoring.queries(shape, inputs(users)), shape.rows),
      release: () => scoring.release(),
    };
  }
  const executable = await device.compile({
    name: 'catalogue scores',
    state: model.parameters,
    inputs: scoringSpecs(model, shape),
    run: (state, fed) => ({ state: {}, outputs: { scores: model.scores(state, fed, shape) } }),
  });
  return {
    scores: async (users) => (await executable.run(inputs(users))).scores as Float32Array,
    release: () => executable.release(),
  };
}

function historiesOf(
  { batches }: TrainableModel,
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
