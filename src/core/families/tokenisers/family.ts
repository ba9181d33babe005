/** The family of tokenisers: models that give every item its Semantic ID. */
import { family, noCapabilities } from '../model.ts';
import { itemVectorsObstacle } from '../obstacles.ts';
import { trainTokeniser } from './run-tokeniser.ts';
import { COLLISION_RATE } from './tokeniser-config.ts';
import { tokeniserModels } from './tokeniser-models.ts';

export const tokenisers = family({
  id: 'tokenisers',
  models: tokeniserModels,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: 'tokeniser',
    // More IDs collide less whatever they are: sizes say nothing of the method.
    watched: { metric: COLLISION_RATE, dependsOn: ['selection', 'levels', 'codes'] },
    train: (context) => trainTokeniser(model, context),
    obstacle: (data, config) => {
      if (data.summary.clicks) {
        return {
          missing: 'needs a catalogue of items',
          detail: 'and a click log has rows with labels',
          fix: {
            cli: 'import the files as interactions (--kind interactions)',
            window: 'import the files as interactions',
          },
        };
      }
      return config && model.readsContent(config) ? itemVectorsObstacle(data, config) : null;
    },
  }),
});
