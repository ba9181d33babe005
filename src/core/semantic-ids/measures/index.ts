/** Every measure of a tokeniser's Semantic IDs, imported ones included; docs/metrics.md has the formulas. */

import type { Categories } from '../../content/categories.ts';
import { trainingCounts } from '../../data/splits/item-counts.ts';
import { type Prefixes, prefixesByDepth } from '../prefixes.ts';
import type { ItemSpace, Snapshot } from '../types.ts';
import {
  collaborativeLift,
  type LevelPopularity,
  measurePopularity,
  type TrainingPart,
} from './behaviour.ts';
import { type CategoryMeasures, measureCategories } from './categories.ts';
import { type LevelMeasures, measureLevels } from './levels.ts';
import { type CollisionMeasures, type DepthMeasures, measureCollisions, measureDepths } from './tree.ts';
import {
  contentSpread,
  measureNeighbours,
  measureReconstruction,
  type NeighbourMeasures,
  type ReconstructionMeasures,
} from './vectors.ts';

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
  const popularity = trainingCounts(training.interactions, training.trainEnd, ids.items);
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
  const { categories, reconstruction, neighbours } = measures;
  return {
    ...collisionMetrics(measures.collisions),
    ...levelMetrics(measures.levels),
    ...numbered('prefixes', of(measures.depths, 'prefixes')),
    ...numbered('mean-children', of(measures.depths, 'meanChildren')),
    ...numbered('category-information', categories?.information),
    ...numbered('category-nmi', categories?.nmi),
    ...numbered('category-ami', categories?.ami),
    ...numbered('residual-norm', reconstruction?.residualNorm, 0),
    ...numbered('reconstruction-mse', reconstruction?.mse),
    ...numbered('reconstruction-cosine', reconstruction?.cosine),
    ...numbered('content-spread', measures.contentSpread),
    ...numbered('neighbour-recall', neighbours?.recall),
    ...(neighbours ? { 'ids/tree-correlation': neighbours.treeCorrelation } : {}),
    ...numbered('collaborative-lift', measures.collaborativeLift),
    ...numbered('max-interaction-share', of(measures.popularity, 'maxInteractionShare')),
  };
}

function collisionMetrics(collisions: CollisionMeasures): Record<string, number> {
  return {
    'ids/collision-rate': collisions.rate,
    'ids/items': collisions.items,
    'ids/missing-items': collisions.missing,
    'ids/items-in-collisions': collisions.inCollisions,
    'ids/largest-bucket': collisions.largestBucket,
    'ids/expected-bucket': collisions.expectedBucket,
    'ids/capacity-ratio': collisions.capacityRatio,
    'ids/effective-capacity': collisions.effectiveCapacity,
  };
}

function levelMetrics(levels: readonly LevelMeasures[]): Record<string, number> {
  const deadCodes = levels.map(({ dead }) => dead.length);
  const redundancy = levels.slice(1).map(({ sharedWithEarlier }) => Math.max(...sharedWithEarlier));
  return {
    ...numbered('usage', of(levels, 'usage')),
    ...numbered('perplexity', of(levels, 'perplexity')),
    ...numbered('perplexity-share', of(levels, 'perplexityShare')),
    ...numbered('gini', of(levels, 'gini')),
    ...numbered('dead-codes', deadCodes),
    ...numbered('max-share', of(levels, 'maxShare')),
    ...numbered('conditional-entropy', of(levels, 'conditionalEntropy')),
    ...numbered('redundancy', redundancy, 2),
  };
}

/** One field of every level or depth. */
function of<K extends string>(all: readonly Record<K, number>[], field: K): number[] {
  return all.map((one) => one[field]);
}

/** A value a level or depth, numbered from `first`; nothing where there are none. */
function numbered(name: string, values: readonly number[] | null | undefined, first = 1) {
  return Object.fromEntries((values ?? []).map((value, at) => [`ids/${name}@${at + first}`, value]));
}
