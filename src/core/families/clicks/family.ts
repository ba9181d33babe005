/** The family of models that predict clicks: labelled rows in, probabilities out. */
import { labelsObstacle } from '../../data/clicks/index.ts';
import { type Obstacle, obstacleText } from '../../data/obstacle.ts';
import type { Config } from '../../training/config.ts';
import { family, noCapabilities, type TrainingData } from '../model.ts';
import { clickDataSchema, measuredBy } from './click-config.ts';
import type { ClickDefinition } from './click-model.ts';
import { clickModels } from './click-models.ts';
import { exportClicks } from './export-model.ts';
import { trainClicks } from './run-clicks.ts';

export const clicks = family({
  id: 'clicks',
  models: clickModels,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: 'ranking',
    watched: { metric: 'valid/logloss', dependsOn: measuredBy },
    train: (context) => trainClicks(model, context),
    exportModel: model.readsSequences ? null : (request) => exportClicks(model, request),
    obstacle: (data, config) => obstacle(model, data, config),
  }),
});

function obstacle(
  { readsSequences }: ClickDefinition,
  { summary }: TrainingData,
  config?: Config,
): Obstacle | null {
  const has = (role: 'user' | 'item') => summary.clicks?.columns.some((column) => column.role === role);
  if (readsSequences && summary.clicks && !(has('user') && has('item'))) {
    return {
      missing: 'needs the items of users in order',
      detail: 'and this click log has no user and item columns',
      fix: {
        cli: 'train dlrm, or name them with --map',
        window: 'train dlrm, or import it with such columns',
      },
    };
  }
  if (!config) return null;
  const obstacle = labelsObstacle(summary, clickDataSchema.parse(config).labels);
  if (obstacle === null) return null;
  return { missing: 'needs labels', detail: `and the data set ${obstacleText(obstacle)}`, fix: obstacle.fix };
}
