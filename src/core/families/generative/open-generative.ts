import { UserError } from '../../errors.ts';
import { readSnapshot, readSpace } from '../../semantic-ids/artefact.ts';
import type { Config } from '../../training/config.ts';
import type { TrainSpec } from '../../training/events.ts';
import type { RankingContext } from '../../training/ranking/context.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { collisionNote, itemTokens, type TokenLevels } from './code-tokens.ts';
import { idSchema } from './generative-config.ts';
import type { GenerativeModel, ItemFacts } from './generative-model.ts';

/** A generative model with the IDs it speaks. */
export interface Generative<M extends GenerativeModel = GenerativeModel> {
  model: M;
  catalogue: Catalogue;
  /** What is to be known of its IDs, or null. */
  note: ReturnType<typeof collisionNote>;
}

/** A definition that builds such models. */
export interface Buildable<M extends GenerativeModel> {
  build(config: Config, tokens: TokenLevels, facts: ItemFacts): M;
}

/** Throws UserError where the tokeniser's IDs are not of the data set's items. */
export function openGenerative<M extends GenerativeModel>(
  definition: Buildable<M>,
  config: Config,
  { data, hidden, sources }: Pick<RankingContext, 'data' | 'hidden'> & Pick<TrainSpec, 'sources'>,
): Generative<M> {
  const tokeniser = tokeniserOf(sources);
  const { ids } = readSnapshot(tokeniser);
  if (ids.items !== data.catalogueItems) {
    throw new UserError(
      `the tokeniser's IDs are of ${ids.items} items and the data set has ${data.catalogueItems}; name a tokeniser of this data set`,
    );
  }
  const options = idSchema.parse(config);
  const tokens = itemTokens(ids, options);
  const vectors = () => readSpace(tokeniser)?.vectors ?? null;
  return {
    model: definition.build(config, tokens.levels, { items: data.items, hidden, vectors }),
    catalogue: catalogueOf(tokens, data.items, hidden),
    note: collisionNote(ids, options.collisionToken),
  };
}

function tokeniserOf(sources: TrainSpec['sources']): string {
  const source = sources?.tokeniser;
  if (!source) throw new UserError('config "tokeniser": name the run whose Semantic IDs the items have');
  return source.dir;
}
