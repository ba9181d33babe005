/** The 300 configurations of SASRec whose validation curves searchers are compared on, and what is recorded of one. */

import type { SearchSpace } from '../../src/core/store/home/study-spec.ts';
import { randomTrials } from '../../src/core/studies/search/searcher.ts';
import { type Settings, spaceOf } from '../../src/core/studies/search/space.ts';

export const EPOCHS = 27;
export const CONFIGURATIONS = 300;
export const METRIC = 'valid/ndcg@10';

const WRITTEN: SearchSpace = [
  { key: 'learningRate', values: 'log:3e-4..3e-2' },
  { key: 'dropout', values: '0..0.7' },
  { key: 'dim', values: '16,32,64' },
  { key: 'blocks', values: '1,2' },
  { key: 'heads', values: '1,2' },
  { key: 'batchSize', values: '16,32,64' },
  { key: 'weightDecay', values: 'log:1e-6..1e-2' },
  { key: 'l2Normalize', values: 'true,false' },
  { key: 'temperature', values: 'log:0.03..0.3', when: { l2Normalize: [true] } },
];

export const SPACE = spaceOf(WRITTEN, () => false);

/** What all of them share. */
export const FIXED = { loss: 'full-softmax', maxLength: 20, epochs: EPOCHS, patience: 0, selection: METRIC };

/** As a random search draws them. */
export function configurations(): Settings[] {
  const found: Settings[] = [];
  for (const settings of randomTrials(SPACE, 1)) {
    found.push(settings);
    if (found.length === CONFIGURATIONS) break;
  }
  return found;
}

export interface Curve {
  settings: Settings;
  /** Of the metric after every epoch. */
  values: number[];
  /** Of the whole training. */
  seconds: number;
}

export const fileOf = (at: number) => `${String(at + 1).padStart(3, '0')}.json`;
