import type {
  CategoryBars,
  CodebookFacts,
  CodebookPeek,
  CodebookStrips,
  SelectedView,
  TokeniserEntry,
  TreeNode,
} from '../../../core/api/codebooks.ts';
import { hasSemanticIds, readManifest } from '../../../core/semantic-ids/artefact.ts';
import { categoryBars } from '../../../core/semantic-ids/views/categories.ts';
import { hasId, type Labels } from '../../../core/semantic-ids/views/code-table.ts';
import { leadingPrefix, type Selected } from '../../../core/semantic-ids/views/selection.ts';
import { selectedUse } from '../../../core/semantic-ids/views/strips.ts';
import { prefixTree } from '../../../core/semantic-ids/views/tree.ts';
import type { Store } from '../../../core/store/store.ts';
import { type OpenedTokeniser, openTokeniser } from './opened.ts';

/** Prefixes below this share of the picture are too small to draw. */
const SMALLEST_SHARE = 1 / 1_500;
/** First codes that get bars of their own. */
const CATEGORY_ROWS = 40;
const PEEK_TITLES = 4;
const PEEK_CATEGORIES = 3;

/** Runs with Semantic IDs that count, newest first. */
export function tokenisers(store: Store): TokeniserEntry[] {
  return store.runs.ids().flatMap((run) => {
    const folder = store.runs.folder(run);
    if (!hasSemanticIds(folder)) return [];
    const { levels, codebookSizes } = readManifest(folder);
    const { name, model, dataset } = store.runs.get(run);
    return [{ run, name, model, dataset, levels, codebookSizes }];
  });
}

export async function codebookFacts(store: Store, run: string): Promise<CodebookFacts> {
  const tokeniser = await openTokeniser(store, { run, step: null });
  const { ids, order, catalogue } = tokeniser;
  const { snapshots } = readManifest(store.runs.folder(run));
  const { name, model, dataset, metrics } = tokeniser.run;
  return {
    ...{ run, name, model, dataset, metrics },
    ...{ levels: ids.levels, codebookSizes: [...ids.codebookSizes], items: ids.items },
    withId: order.length,
    snapshots: snapshots.map(({ step, epoch }) => ({ step, epoch })),
    selected: tokeniser.step,
    columns: [...catalogue.columns],
    category: catalogue.category,
    hasTitles: catalogue.hasTitles,
    ...tokeniser.spaceFacts(),
  };
}

/** Numbers for a picture need no more digits than it has pixels. */
const rounded = (values: Float32Array) => Array.from(values, (value) => Math.round(1e3 * value) / 1e3);

export async function codebookStrips(store: Store, request: SelectedView): Promise<CodebookStrips> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  const uses = await tokeniser.uses(request.category);
  const selected = tokeniser.select(request.selection);
  return {
    categories: [...(labels?.names ?? [])],
    levels: uses.map((use, level) => ({
      size: use.counts.length,
      counts: [...use.counts],
      selected: [...(selected.mask ? selectedUse(tokeniser.ids, level, selected) : use.counts)],
      interactions: [...use.interactions],
      dominant: [...use.dominant],
      purity: rounded(use.purity),
      usage: use.usage,
      perplexity: use.perplexity,
    })),
    items: selected.count,
    interactions: interactionsOf(tokeniser, selected),
  };
}

function interactionsOf({ ids, catalogue: { popularity } }: OpenedTokeniser, { mask }: Selected): number {
  let sum = 0;
  for (let item = 0; item < ids.items; item++) {
    if (mask ? mask[item] === 1 : hasId(ids, item)) sum += popularity[item];
  }
  return sum;
}

/** Selected items from the most popular down, `limit` of them from `offset` on. */
export function popularItems(
  { ids, catalogue: { byPopularity } }: OpenedTokeniser,
  { mask }: Selected,
  offset: number,
  limit: number,
): number[] {
  const found: number[] = [];
  let seen = 0;
  for (const item of byPopularity) {
    if (mask ? mask[item] === 0 : !hasId(ids, item)) continue;
    if (seen++ < offset) continue;
    found.push(item);
    if (found.length === limit) break;
  }
  return found;
}

export async function codebookPeek(store: Store, request: SelectedView): Promise<CodebookPeek> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  const selected = tokeniser.select(request.selection);
  const titles = await tokeniser.catalogue.names(popularItems(tokeniser, selected, 0, PEEK_TITLES));
  return {
    items: selected.count,
    interactions: interactionsOf(tokeniser, selected),
    categories: labels ? shares(tokeniser, labels, selected) : [],
    titles: titles.map(({ id, title }) => title ?? id),
  };
}

function shares(
  { ids }: OpenedTokeniser,
  labels: Labels,
  { mask, count }: Selected,
): CodebookPeek['categories'] {
  const counts = new Int32Array(labels.names.length);
  for (let item = 0; item < ids.items; item++) {
    if ((mask ? mask[item] === 1 : hasId(ids, item)) && labels.of[item] >= 0) counts[labels.of[item]]++;
  }
  return [...counts.keys()]
    .filter((kind) => counts[kind] > 0)
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, PEEK_CATEGORIES)
    .map((kind) => ({ name: labels.names[kind], share: counts[kind] / count }));
}

export async function codebookTree(
  store: Store,
  request: SelectedView & { weight: 'items' | 'interactions' },
): Promise<{ root: number[]; nodes: TreeNode[] }> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, order, catalogue } = tokeniser;
  const root = leadingPrefix(request.selection.pattern.slice(0, ids.levels));
  const nodes = prefixTree(ids, order, {
    root,
    weights: request.weight === 'interactions' ? catalogue.popularity : null,
    labels: await tokeniser.labels(request.category),
    selected: tokeniser.select(request.selection),
    smallest: SMALLEST_SHARE,
  });
  return { root, nodes };
}

export async function codebookCategories(store: Store, request: SelectedView): Promise<CategoryBars | null> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  if (!labels) return null;
  const { ids } = tokeniser;
  const { pattern } = request.selection;
  const open = Array.from({ length: ids.levels }, (_, level) => level).find(
    (level) => (pattern[level] ?? null) === null,
  );
  return categoryBars(
    ids,
    labels,
    tokeniser.select(request.selection),
    open ?? ids.levels - 1,
    CATEGORY_ROWS,
  );
}
