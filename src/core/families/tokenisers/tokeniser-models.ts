import { importedIds } from './models/imported-ids.ts';
import { productQuantisation } from './models/product-quantisation.ts';
import { residualKmeans } from './models/residual-kmeans.ts';
import { rqVae } from './models/rq-vae.ts';
import type { TokeniserDefinition } from './tokeniser.ts';

export const tokeniserModels: readonly TokeniserDefinition[] = [
  residualKmeans,
  rqVae,
  productQuantisation,
  importedIds,
];
