/** Questions about the Semantic IDs of a run, as the Codebooks screen asks them. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { MetricColumn } from '../documents/types.ts';
import { pathField, pathSchema } from '../files/path-fields.ts';
import type { IdMatch } from '../semantic-ids/import-ids.ts';
import type { Beside } from '../semantic-ids/views/beside.ts';
import type { CategoryBars } from '../semantic-ids/views/categories.ts';
import type { MapTiles } from '../semantic-ids/views/code-map.ts';
import type { PairCounts } from '../semantic-ids/views/matrices.ts';
import type { Grid, Region } from '../semantic-ids/views/placement.ts';
import type { DeadCode } from '../semantic-ids/views/residuals.ts';
import type { Moment } from '../semantic-ids/views/timeline.ts';
import type { TreeNode } from '../semantic-ids/views/tree.ts';
import type { CodeWords } from '../semantic-ids/views/words.ts';
import { asks, type RunTopic } from './asking.ts';
import { datasetReference } from './datasets.ts';
import type { NamedItem } from './items.ts';
import { runId } from './runs.ts';

export type { IdMatch } from '../semantic-ids/import-ids.ts';
export type { CategoryBars, CategoryRow } from '../semantic-ids/views/categories.ts';
export * from '../semantic-ids/views/map-layout.ts';
export { edgesOf } from '../semantic-ids/views/placement.ts';
export type { DeadCode } from '../semantic-ids/views/residuals.ts';
export { type Moment, settledOf } from '../semantic-ids/views/timeline.ts';
export type { TreeNode } from '../semantic-ids/views/tree.ts';

/** A prefix, and how many of its items are selected. */
export interface SelectedNode extends TreeNode {
  selected: number;
}

/** A run whose items have Semantic IDs. */
export interface TokeniserEntry {
  run: string;
  name: string;
  model: string;
  /** `id` is null once the data set has been deleted. */
  dataset: { id: string | null; name: string; fingerprint: string };
  levels: number;
  codebookSizes: number[];
  seed: number;
  /** Its training has not said yet which IDs count: those of its last saved state stand for them. */
  isTraining: boolean;
}

/** A text column that can serve as the category of items. */
export interface CategoryColumn {
  name: string;
  /** How deep its paths go ("Beauty|Makeup|Nails" is 3 deep); 1 for plain values. */
  depth: number;
}

/** A measure such as "ids/usage@1". */
export interface IdMeasure extends Pick<MetricColumn, 'name' | 'label' | 'decimals'> {
  value: number;
}

export interface CodebookFacts extends TokeniserEntry {
  /** Of the catalogue. */
  items: number;
  withId: number;
  /** In order of training; only one if the tokeniser's training was not recorded. */
  snapshots: { step: number; epoch: number }[];
  /** Step of the selected snapshot. */
  selected: number;
  columns: CategoryColumn[];
  /** The default category; null if the data set has none. */
  category: CategoryChoice | null;
  hasTitles: boolean;
  /** Dimensions of the item vectors; null if the run stores none. */
  vectorDim: number | null;
  /** The run's measures of its IDs, named and formatted as in reports. */
  measures: IdMeasure[];
}

/** `depth` is the number of leading steps of the path that are kept. */
const category = z.object({ column: z.string().min(1).max(500), depth: z.int().min(1).max(50) });
export type CategoryChoice = z.output<typeof category>;

const level = z.int().min(0).max(63);
const code = z.int().min(0);
const item = z.int().min(0);

/** What is viewed: the IDs of a run at a step (null for the selected ones), and the category that colours items. */
const view = z.object({
  run: runId,
  step: z.int().min(0).nullable(),
  category: category.nullable(),
});

export type CodebookView = z.output<typeof view>;

/** A view of the items with a pattern of codes, null for any code. */
const selected = view.extend({ pattern: z.array(code.nullable()).max(64) });
export type SelectedView = z.output<typeof selected>;

/** Most categories shown, including the one that joins the rest. */
export const CATEGORIES_SHOWN = 63;
export const OTHER_CATEGORIES = 'Other';

/** Codes of a level; all arrays are [codes]. */
export interface LevelStrip {
  size: number;
  counts: number[];
  selected: number[];
  interactions: number[];
  /** Index into `categories`, -1 where none is known. */
  dominant: number[];
  purity: number[];
  usage: number;
  perplexity: number;
}

export interface CodebookStrips {
  /** Names of the categories, most frequent first; the last one is "other" if there are too many. */
  categories: string[];
  levels: LevelStrip[];
  /** Selected items, and interactions with them. */
  items: number;
  interactions: number;
}

/** How a level is used by the whole catalogue. */
export interface LevelSummary {
  size: number;
  used: number;
  perplexity: number;
  /** Share of the uncertainty about an item's category that its code takes away; null without categories. */
  told: number | null;
  /** Items of its codes, the most used first; of many codes some. */
  curve: number[];
}

/** The codes that follow a prefix as blocks of a map, and its items as their tiles. */
export interface CodeMap extends MapTiles {
  root: number[];
  grid: Grid;
  /** [codes] cell of each block; -1 for a code that never follows the prefix. */
  cells: number[];
  /** Most frequent first, with the items below the prefix; the last one is "other" if there are too many. */
  categories: { name: string; items: number }[];
  /** Blocks beside each other whose items are mostly of one finer category. */
  regions: (Region & { name: string })[];
  levels: LevelSummary[];
  /** Below the prefix, as the next three. */
  itemCount: number;
  interactionCount: number;
  /** Different IDs. */
  ids: number;
  /** Items whose ID others have too. */
  sharing: number;
}

/** What the items of a prefix have in common. */
export interface CodeCard extends CodeWords {
  prefix: number[];
  items: number;
  interactions: number;
  /** Items whose ID others have too. */
  sharing: number;
  /** Items whose titles and categories were read: of many some. */
  read: number;
  /** Codes that follow, from the most items down, and how many there could be; null at the last level. */
  next: { size: number; codes: { code: number; items: number; kind: number }[] } | null;
  /** As fine as the data set has them. */
  categories: { name: string; items: number }[];
  /** First codes that stand beside it on the map. */
  beside: { code: number; name: string }[];
  /** The most popular items. */
  top: CodedItem[];
}

/** What a tooltip shows about a part of the catalogue. */
export interface CodebookPeek {
  items: number;
  interactions: number;
  categories: { name: string; share: number }[];
  /** Of its most popular items. */
  titles: string[];
}

export interface CodedItem extends NamedItem {
  category: string | null;
  interactions: number;
  /** Empty for an item without an ID. */
  codes: number[];
  /** 0 if no earlier item has the same codes. */
  collisionToken: number;
}

export interface CodedItemPage {
  total: number;
  rows: CodedItem[];
}

export interface NeighbourRow extends CodedItem {
  /** Number of leading codes it shares. */
  shared: number;
  /** Of the vectors; null without vectors. */
  distance: number | null;
  /** Whether the other list has it too. */
  agreed: boolean;
}

export interface CodedItemCard {
  item: CodedItem;
  side: Record<string, string | number | null>;
  /** Squared residual norm before the first level and after each one, relative to the first: [levels + 1]; null without vectors. */
  errors: number[] | null;
  /** Other items with the same codes, and their number. */
  mates: CodedItem[];
  mateCount: number;
  byVector: NeighbourRow[] | null;
  byPrefix: NeighbourRow[];
}

/** The codes of an item at a saved state of the training. */
export interface ItemState {
  step: number;
  epoch: number;
  codes: number[];
  /** Items with these codes. */
  sharing: number;
}

export interface CollisionRow {
  codes: number[];
  size: number;
  interactions: number;
  /** Of the vectors, over all pairs of (at most 200 of) its items; null without vectors. */
  spread: number | null;
  titles: string[];
}

export interface CollisionPage {
  total: number;
  rows: CollisionRow[];
  /** Buckets by how many items share them, from 1. */
  sizes: { size: number; buckets: number }[];
  unique: number;
  colliding: number;
  items: number;
}

const heat = selected.extend({
  kind: z.enum(['levels', 'transitions']),
  /** Level of the rows; for transitions, of both axes. */
  down: level,
  across: level,
  order: z.enum(['category', 'use', 'code']),
});
export type HeatRequest = z.output<typeof heat>;

export interface HeatMap extends Omit<PairCounts, 'counts'> {
  /** [rows, columns] */
  counts: number[];
  /** Category of each row and column, -1 for none; names as in the strips. */
  rowCategories: number[];
  columnCategories: number[];
}

export interface Timeline {
  moments: (Moment & { step: number; epoch: number })[];
  /** Index of the moment with the sharpest fall in perplexity; null without a marked fall. */
  collapse: number | null;
}

export interface TimelineProgress {
  done: number;
  total: number;
}

/** The first codes of one tokeniser on a grid, each with the commonest category of its items, -1 for none. */
export interface PlacedCodes {
  grid: Grid;
  cells: number[];
  kinds: number[];
}

/** Two tokenisers, the codes of the other one near where their items stand in the first. */
export interface TokenisersBeside extends Beside {
  places: [one: PlacedCodes, other: PlacedCodes];
  categories: string[];
}

/** An item whose group has other members in the other tokeniser. */
export interface MovedItem extends CodedItem {
  /** Its codes in the other tokeniser. */
  otherCodes: number[];
}

const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(1_000).default(64) };
const other = z.object({ run: runId, step: z.int().min(0).nullable() });

/** The part of an import's config that decides what is read. */
const importSettings = z.object({
  file: pathSchema,
  itemsFile: pathField('Text file of the items'),
  codes: z.int().nonnegative().default(0),
  dropLast: z.boolean().default(false),
});

export type ImportSettings = z.output<typeof importSettings>;

/** A tokeniser that trains keeps its IDs beside its checkpoints. */
const IDS: readonly RunTopic[] = ['runs', 'checkpoints'];
const asksOfRun = asks(['datasets'], { run: IDS });
const asksOfBoth = asks(['datasets'], { run: IDS, other: IDS });

export const codebooks = {
  hub: {
    /** Trained runs that use the IDs of a run, newest first. */
    generators: asks(['runs'])
      .input(z.object({ run: runId }))
      .output(type<{ run: string; title: string }[]>()),
  },
  analyst: {
    /** Runs with Semantic IDs, newest first. */
    list: asks(['runs', 'checkpoints']).output(type<TokeniserEntry[]>()),
    /** Whether a file holds Semantic IDs, and not the interactions of a data set. */
    holdsIds: asks([])
      .input(z.object({ paths: z.tuple([pathSchema]) }))
      .output(type<boolean>()),
    /** What an import with this config would take of its file, with nothing kept. */
    match: asks(['datasets'])
      .input(z.object({ dataset: datasetReference, overrides: importSettings }))
      .output(type<IdMatch>()),
    facts: asksOfRun.input(z.object({ run: runId })).output(type<CodebookFacts>()),
    strips: asksOfRun.input(selected).output(type<CodebookStrips>()),
    codeMap: asksOfRun.input(view.extend({ root: z.array(code).max(63) })).output(type<CodeMap>()),
    codeCard: asksOfRun.input(view.extend({ prefix: z.array(code).min(1).max(64) })).output(type<CodeCard>()),
    peek: asksOfRun.input(selected).output(type<CodebookPeek>()),
    tree: asksOfRun
      .input(selected.extend({ weight: z.enum(['items', 'interactions']) }))
      .output(type<{ root: number[]; nodes: SelectedNode[] }>()),
    /** By the first code that the selection leaves open; null if items have no categories. */
    categories: asksOfRun.input(selected).output(type<CategoryBars | null>()),
    /** The selected items, most popular first, filtered by title or id. */
    items: asksOfRun
      .input(selected.extend({ search: z.string().max(500).default(''), ...page }))
      .output(type<CodedItemPage>()),
    item: asksOfRun
      .input(view.extend({ item, k: z.int().min(1).max(100).default(10) }))
      .output(type<CodedItemCard>()),
    /** At some of the saved states, the first and the last among them. */
    itemStates: asksOfRun.input(z.object({ run: runId, item })).output(type<ItemState[]>()),
    collisions: asksOfRun.input(selected.extend(page)).output(type<CollisionPage>()),
    heat: asksOfRun.input(heat).output(type<HeatMap>()),
    /** Codes of a level that no item has, with their nearest items; null without code vectors. */
    dead: asksOfRun
      .input(view.extend({ level }))
      .output(type<(DeadCode & { title: string | null })[] | null>()),
    timeline: asksOfRun
      .input(z.object({ run: runId }))
      .output(eventIterator(type<TimelineProgress>(), type<Timeline>())),
    beside: asksOfBoth.input(view.extend({ other })).output(type<TokenisersBeside>()),
    moved: asksOfBoth
      .input(selected.extend({ other, ...page }))
      .output(type<{ total: number; rows: MovedItem[] }>()),
  },
};
