import { UserError } from '../../errors.ts';
import { readSnapshot } from '../../semantic-ids/artefact.ts';
import type { Config } from '../../training/config.ts';
import type { TrainSpec } from '../../training/events.ts';
import type { RankingContext } from '../../training/ranking/context.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { itemTokens } from './code-tokens.ts';
import { generativeSchema } from './config.ts';
import type { GenerativeDefinition, GenerativeModel } from './generative-model.ts';

/** A generative model with the IDs it speaks. */
export interface Generative {
  model: GenerativeModel;
  catalogue: Catalogue;
}

/** Throws UserError where the tokeniser's IDs are not of the data set's items. */
export function openGenerative(
  definition: GenerativeDefinition,
  config: Config,
  { data, hidden, sources }: Pick<RankingContext, 'data' | 'hidden'> & Pick<TrainSpec, 'sources'>,
): Generative {
  const { ids } = readSnapshot(tokeniserOf(sources));
  if (ids.items !== data.catalogueItems) {
    throw new UserError(
      `the tokeniser's IDs are of ${ids.items} items and the data set has ${data.catalogueItems}; name a tokeniser of this data set`,
    );
  }
  const tokens = itemTokens(ids, generativeSchema.parse(config));
  return {
    model: definition.build(config, tokens.levels),
    catalogue: catalogueOf(tokens, data.items, hidden),
  };
}

function tokeniserOf(sources: TrainSpec['sources']): string {
  const source = sources?.tokeniser;
  if (!source) throw new UserError('config "tokeniser": name the run whose Semantic IDs the items have');
  return source.dir;
}
