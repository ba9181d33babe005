import { importedIds } from './imported-ids.ts';
import { productQuantisation } from './product-quantisation.ts';
import { residualKmeans } from './residual-kmeans.ts';
import { rqVae } from './rq-vae.ts';
import type { TokeniserDefinition } from './tokeniser.ts';

export const tokeniserModels: readonly TokeniserDefinition[] = [
  residualKmeans,
  rqVae,
  productQuantisation,
  importedIds,
];
