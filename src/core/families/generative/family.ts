/** The family of models that generate the Semantic ID of the next item. */
import { shellQuote } from '../../names.ts';
import { rankedBy } from '../../training/config.ts';
import { family, type ModelBehaviour, noCapabilities } from '../model.ts';
import { historiesObstacle } from '../obstacles.ts';
import { exportGenerative } from './export-model.ts';
import { generateFor, generateForAll, traceDecoding } from './generate.ts';
import type { GenerativeDefinition } from './generative-model.ts';
import { generativeModels } from './generative-models.ts';
import { trainGenerative } from './run-generative.ts';

export const generative = family({
  id: 'generative',
  models: generativeModels,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: 'generative',
    givenSizes: givenSizes(model),
    requireFiles: (model.generation === 'sequential' && model.requireFiles) || null,
    positionWork: (model.generation === 'sequential' && model.positionWork) || null,
    watched: { metric: 'valid/ndcg@10', dependsOn: [...rankedBy, 'validationUsers', 'validationBeams'] },
    train: (context) => trainGenerative(model, context),
    obstacle: (data, config) =>
      historiesObstacle(data, config) ??
      (data.tokenisers === 0
        ? {
            missing: 'needs Semantic IDs',
            detail: 'and no tokeniser has been trained on this data set',
            fix: {
              cli: `train one first: tessera train --dataset ${shellQuote(data.summary.name)} --model residual-kmeans --preset balanced`,
              window: 'train rq-vae or residual-kmeans first',
            },
          }
        : null),
    recommend: (request, use) => generateFor(model, request, use),
    recommendAll: (request, use) => generateForAll(model, request, use),
    exportModel: (request) => exportGenerative(model, request),
    traceDecoding: model.generation === 'sequential' ? (request) => traceDecoding(model, request) : null,
  }),
});

/** Everything of the run that is rewarded: which IDs it speaks, what it was trained on, and how its lists are made. */
function givenSizes(model: GenerativeDefinition): ModelBehaviour['givenSizes'] {
  if (model.generation !== 'sequential') return null;
  const { rewarded } = model;
  if (!rewarded) return model.givenSizes ?? null;
  return ({ policy }, runOf) =>
    typeof policy === 'string' && policy !== ''
      ? { of: `run ${policy}`, sizes: rewarded.given(runOf(policy)) }
      : null;
}
