import type { Config } from '../../training/config.ts';
import { bprmf } from './bprmf.ts';
import { contentKnn } from './content-knn.ts';
import { ease } from './ease.ts';
import { esasrec } from './esasrec.ts';
import { fuxiAlpha } from './fuxi-alpha.ts';
import { fuxiBeta } from './fuxi-beta.ts';
import { gru4rec } from './gru4rec.ts';
import { hstu } from './hstu.ts';
import { itemknn } from './itemknn.ts';
import { llama } from './llama.ts';
import { narm } from './narm.ts';
import type { DataSizes, NextItemDefinition, TrainedModel } from './next-item-model.ts';
import { popularity } from './popularity.ts';
import { sasrec } from './sasrec.ts';

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
  esasrec,
  llama,
  hstu,
  fuxiAlpha,
  fuxiBeta,
];

/** A model trained by steps, by its id. Throws Error for any other. */
export function buildTrained(id: string, config: Config, sizes: DataSizes): TrainedModel {
  const definition = nextItemModels.find((candidate) => candidate.id === id);
  if (definition?.kind !== 'trained') throw new Error(`${id} is not trained by steps`);
  return definition.build(config, sizes);
}
