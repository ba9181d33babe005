import { z } from 'zod';
import type { Interactions } from '../../../data/types.ts';
import type { HostArrays } from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { invertSymmetric } from '../../../math/invert.ts';
import { gib, requireMemory } from '../../../memory.ts';
import { dataFields, field, protocolFields } from '../../../training/config.ts';
import type { FitContext, FittedModel, HostScorer } from '../next-item-model.ts';
import { fitted } from '../next-item-model.ts';

export const easeSchema = z.object({
  l2: field.positive('Ridge penalty lambda; larger for sparser data').default(250),
  ...dataFields,
  ...protocolFields,
});

type EaseConfig = z.output<typeof easeSchema>;

/** Multiplications and additions of single precision that a usual processor does in a second here. */
const SPEED = 1.2e10;

/** Copies of the item-item matrix alive at once while it is inverted and stored. */
const COPIES = 2.5;

/** Gram matrix X^T X of the binary user-item matrix, [items, items]. */
async function gramMatrix(context: FitContext): Promise<Float32Array> {
  const { interactions: data, trainEnd, onProgress, signal } = context;
  const gram = new Float32Array(data.items * data.items);
  for (let user = 0; user < data.users; user++) {
    if (user % 256 === 0) {
      throwIfCancelled(signal);
      onProgress(user, data.users, 'users');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const items = Int32Array.from(new Set(data.itemIds.subarray(data.offsets[user], trainEnd[user])));
    for (const i of items) {
      const row = i * data.items;
      for (const j of items) gram[row + j]++;
    }
  }
  return gram;
}

/**
 * Closed-form item-item weights (Steck 2019, equation 8): P = (X^T X + lambda I)^-1, B_ij = -P_ij / P_jj,
 * B_jj = 0; the scores of a user are the sum of the rows of B of the history's items.
 */
class Ease implements FittedModel {
  readonly #config: EaseConfig;

  constructor(config: EaseConfig) {
    this.#config = config;
  }

  parameters(items: number): number {
    return items * items;
  }

  async fit(context: FitContext): Promise<HostArrays> {
    const { interactions: data, device, onProgress, signal } = context;
    const n = data.items;
    const need = COPIES * 4 * n * n;
    requireMemory({
      claim: `EASE on ${n} items takes about ${gib(need)} of memory`,
      bytes: need,
      largest: 4 * n * n,
      advice: 'import with a higher minimum per item, or use itemknn',
    });
    const weights = await gramMatrix(context);
    for (let i = 0; i < n; i++) weights[i * n + i] += this.#config.l2;
    await invertSymmetric(weights, n, device, (done, total) => onProgress(done, total, 'columns'), signal);
    const diagonal = Float32Array.from({ length: n }, (_, j) => weights[j * n + j]);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) weights[i * n + j] = i === j ? 0 : -weights[i * n + j] / diagonal[j];
    }
    return { weights };
  }

  scorer(state: HostArrays, { items }: Interactions): HostScorer {
    const { weights } = state;
    return {
      score: (_user, history, scores) => {
        scores.fill(0);
        for (const item of new Set(history)) {
          const row = item * items;
          for (let j = 0; j < items; j++) scores[j] += weights[row + j];
        }
      },
    };
  }

  stateSpecs({ weights }: HostArrays) {
    const items = Math.round(Math.sqrt(weights.length));
    return { weights: { shape: [items, items], dtype: 'float32' as const } };
  }
}

export const ease = fitted({
  id: 'ease',
  title: 'EASE',
  summary: 'One linear map from items to items.',
  group: 'baseline',
  paper: {
    title: 'Embarrassingly Shallow Autoencoders for Sparse Data',
    authors: 'Harald Steck',
    year: 2019,
    where: 'WWW 2019, arXiv:1905.03375',
  },
  essentials: ['l2'],
  sweep: [{ key: 'l2', values: '10,30,100,300,1000,3000' }],
  itemWeights: 'weights',
  // The inverse takes 2 n³ operations.
  fitSeconds: ({ items }) => (2 * items ** 3) / SPEED,
  configSchema: easeSchema,
  build: (config) => new Ease(config),
});
