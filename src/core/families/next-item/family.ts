/** The family of models that score every item for a user. */
import { countParameters } from '../../engine/index.ts';
import { rankedBy } from '../../training/config.ts';
import { family, noCapabilities } from '../model.ts';
import { historiesObstacle, itemVectorsObstacle } from '../obstacles.ts';
import { checkEncoderConfig } from './encoder-config.ts';
import { exportNextItem, isGraph } from './export-model.ts';
import { withAddedLosses } from './losses/index.ts';
import { nextItemModels } from './next-item-models.ts';
import { openScorer } from './ranking/catalogue-scorer.ts';
import { recommendNextItems, recommendToAll } from './recommend.ts';
import { trainNextItem } from './run-next-item.ts';
import { scalingOf } from './scaling.ts';

export const nextItem = family({
  id: 'next-item',
  models: nextItemModels,
  withAdded: withAddedLosses,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: model.kind,
    train: (context) => trainNextItem(model, context),
    obstacle: (data, config) => historiesObstacle(data, config) ?? itemVectorsObstacle(data, config),
    checkConfig: (config) => checkEncoderConfig(withAddedLosses(model.configSchema), config),
    watched: { metric: 'valid/ndcg@10', dependsOn: rankedBy },
    parameterCount: (config, sizes) =>
      model.kind === 'trained'
        ? countParameters({ parameters: model.build(config, sizes).parameters })
        : null,
    fitSeconds: (model.kind === 'fitted' && model.fitSeconds) || null,
    openScorer: (request) => openScorer(model, request),
    recommend: (request) => recommendNextItems(model, request),
    recommendAll: (request, use) => recommendToAll(model, request, use),
    exportModel: isGraph(model) ? (request) => exportNextItem(model, request) : null,
    scaling: model.kind === 'trained' ? scalingOf(model) : null,
  }),
});
