import type { Config } from '../../training/config.ts';
import { bert4rec } from './models/bert4rec.ts';
import { bprmf } from './models/bprmf.ts';
import { contentKnn } from './models/content-knn.ts';
import { ease } from './models/ease.ts';
import { esasrec } from './models/esasrec.ts';
import { fuxiAlpha } from './models/fuxi-alpha.ts';
import { fuxiBeta } from './models/fuxi-beta.ts';
import { fuxiLinear } from './models/fuxi-linear.ts';
import { gru4rec } from './models/gru4rec.ts';
import { hstu } from './models/hstu.ts';
import { itemknn } from './models/itemknn.ts';
import { llama } from './models/llama.ts';
import { narm } from './models/narm.ts';
import { popularity } from './models/popularity.ts';
import { sasrec } from './models/sasrec.ts';
import type { DataSizes, NextItemDefinition, TrainedModel } from './next-item-model.ts';

/** Models that score every item for a user, simplest first. */
export const nextItemModels: readonly NextItemDefinition[] = [
  popularity,
  itemknn,
  contentKnn,
  ease,
  bprmf,
  gru4rec,
  narm,
  sasrec,
  bert4rec,
  esasrec,
  llama,
  hstu,
  fuxiAlpha,
  fuxiBeta,
  fuxiLinear,
];

/** A model trained by steps, by its id. Throws Error for any other. */
export function buildTrained(id: string, config: Config, sizes: DataSizes): TrainedModel {
  const definition = nextItemModels.find((candidate) => candidate.id === id);
  if (definition?.kind !== 'trained') throw new Error(`${id} is not trained by steps`);
  return definition.build(config, sizes);
}
