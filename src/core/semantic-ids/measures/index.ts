/** Every measure of a tokeniser's Semantic IDs, imported ones included; docs/metrics.md has the formulas. */
import { type Prefixes, prefixesByDepth } from '../prefixes.ts';
import type { ItemSpace, Snapshot } from '../types.ts';
import {
  collaborativeLift,
  type LevelPopularity,
  measurePopularity,
  popularityOf,
  type TrainingPart,
} from './behaviour.ts';
import { type Categories, type CategoryMeasures, measureCategories } from './categories.ts';
import { type LevelMeasures, measureLevels } from './levels.ts';
import { type CollisionMeasures, type DepthMeasures, measureCollisions, measureDepths } from './tree.ts';
import {
  contentSpread,
  measureNeighbours,
  measureReconstruction,
  type NeighbourMeasures,
  type ReconstructionMeasures,
} from './vectors.ts';

export { categoriesOf } from './categories.ts';
export { compareTokenisers, type Stability } from './stability.ts';

export interface MeasureInput {
  snapshot: Pick<Snapshot, 'ids' | 'codebooks'>;
  /** Null where there are no vectors. */
  space: ItemSpace | null;
  /** Null where the data set has no categories. */
  categories: Categories | null;
  training: TrainingPart;
  /** Of the sample of items whose neighbours are looked up. */
  seed: number;
}

export interface TokeniserMeasures {
  levels: LevelMeasures[];
  depths: DepthMeasures[];
  collisions: CollisionMeasures;
  categories: CategoryMeasures | null;
  /** Null without codebooks and the vectors they quantise. */
  reconstruction: ReconstructionMeasures | null;
  /** By depth; null without content vectors, as the next. */
  contentSpread: number[] | null;
  neighbours: NeighbourMeasures | null;
  /** By depth. */
  collaborativeLift: number[];
  /** By level. */
  popularity: LevelPopularity[];
}

/** All measures; what needs vectors or categories is null without them. */
export function measureTokeniser(input: MeasureInput): TokeniserMeasures {
  const { snapshot, space, categories, training, seed } = input;
  const { ids } = snapshot;
  const prefixes: Prefixes[] = prefixesByDepth(ids);
  const popularity = popularityOf(training, ids.items);
  return {
    levels: measureLevels(ids, prefixes),
    depths: measureDepths(prefixes),
    collisions: measureCollisions(ids, prefixes[ids.levels - 1]),
    categories: categories && measureCategories(ids, prefixes, categories),
    reconstruction: space && measureReconstruction(snapshot, space.latents ?? space.vectors),
    contentSpread: space && contentSpread(prefixes, space.vectors),
    neighbours: space && measureNeighbours(prefixes, space.vectors, seed),
    collaborativeLift: collaborativeLift(prefixes, training, popularity),
    popularity: measurePopularity(ids, popularity),
  };
}

/** As metrics of a run: "ids/collision-rate", and by level or depth from 1 as "ids/usage@1". */
export function metricsOf(measures: TokeniserMeasures): Record<string, number> {
  const { collisions, levels, depths, categories, reconstruction, neighbours } = measures;
  const by = (name: string, values: readonly number[] | null | undefined, first = 1) =>
    (values ?? []).map((value, at): [string, number] => [`ids/${name}@${at + first}`, value]);
  return Object.fromEntries([
    ['ids/collision-rate', collisions.rate],
    ['ids/items', collisions.items],
    ['ids/missing-items', collisions.missing],
    ['ids/items-in-collisions', collisions.inCollisions],
    ['ids/largest-bucket', collisions.largestBucket],
    ['ids/expected-bucket', collisions.expectedBucket],
    ['ids/capacity-ratio', collisions.capacityRatio],
    ['ids/effective-capacity', collisions.effectiveCapacity],
    ...by(
      'usage',
      levels.map((level) => level.usage),
    ),
    ...by(
      'perplexity',
      levels.map((level) => level.perplexity),
    ),
    ...by(
      'perplexity-share',
      levels.map((level) => level.perplexityShare),
    ),
    ...by(
      'gini',
      levels.map((level) => level.gini),
    ),
    ...by(
      'dead-codes',
      levels.map((level) => level.dead.length),
    ),
    ...by(
      'max-share',
      levels.map((level) => level.maxShare),
    ),
    ...by(
      'conditional-entropy',
      levels.map((level) => level.conditionalEntropy),
    ),
    ...by(
      'redundancy',
      levels.slice(1).map((level) => Math.max(...level.sharedWithEarlier)),
      2,
    ),
    ...by(
      'prefixes',
      depths.map((depth) => depth.prefixes),
    ),
    ...by(
      'mean-children',
      depths.map((depth) => depth.meanChildren),
    ),
    ...by('category-information', categories?.information),
    ...by('category-nmi', categories?.nmi),
    ...by('category-ami', categories?.ami),
    ...by('residual-norm', reconstruction?.residualNorm, 0),
    ...by('reconstruction-mse', reconstruction?.mse),
    ...by('reconstruction-cosine', reconstruction?.cosine),
    ...by('content-spread', measures.contentSpread),
    ...by('neighbour-recall', neighbours?.recall),
    ...(neighbours ? [['ids/tree-correlation', neighbours.treeCorrelation] as [string, number]] : []),
    ...by('collaborative-lift', measures.collaborativeLift),
    ...by(
      'max-interaction-share',
      measures.popularity.map((level) => level.maxInteractionShare),
    ),
  ]);
}
