import type {
  CategoryBars,
  CodebookFacts,
  CodebookPeek,
  CodebookStrips,
  IdMatch,
  IdMeasure,
  ImportSettings,
  SelectedNode,
  SelectedView,
  TokeniserEntry,
} from '../../../core/api/codebooks.ts';
import { readItemIds } from '../../../core/data/read.ts';
import { metricColumn, sortedMetrics } from '../../../core/documents/comparison/rows/columns.ts';
import { hasSnapshots, readManifest } from '../../../core/semantic-ids/artefact.ts';
import { matchIds } from '../../../core/semantic-ids/import-ids.ts';
import { categoryBars } from '../../../core/semantic-ids/views/categories.ts';
import type { Labels } from '../../../core/semantic-ids/views/code-table.ts';
import {
  forEachSelected,
  leadingPrefix,
  type Selection,
} from '../../../core/semantic-ids/views/selection.ts';
import { selectedUse } from '../../../core/semantic-ids/views/strips.ts';
import { selectedInTree } from '../../../core/semantic-ids/views/tree.ts';
import type { Store } from '../../../core/store/store.ts';
import { type OpenedTokeniser, openTokeniser } from './open-tokeniser.ts';

/** First codes with their own bars. */
const CATEGORY_ROWS = 40;
const PEEK_TITLES = 4;
const PEEK_CATEGORIES = 3;

/** What importing a file into a data set would take. Throws UserError for a file that cannot be read. */
export async function matchFile(
  store: Store,
  { dataset, overrides }: { dataset: string; overrides: ImportSettings },
): Promise<IdMatch> {
  const { file, codes, dropLast, itemsFile } = overrides;
  const itemIds = await readItemIds(store.datasets.folder(store.datasets.find(dataset).id));
  return matchIds(file, itemIds, { codebookSize: codes, dropLast, itemsFile });
}

/** Runs with Semantic IDs, newest first. */
export function tokenisers(store: Store): TokeniserEntry[] {
  return store.runs.ids().flatMap((run) => {
    const folder = store.runs.folder(run);
    if (!hasSnapshots(folder)) return [];
    const { levels, codebookSizes, selected } = readManifest(folder);
    const { name, model, dataset, seed } = store.runs.own(run);
    return [{ run, name, model, dataset, levels, codebookSizes, seed, isTraining: selected === null }];
  });
}

export async function codebookFacts(store: Store, { run }: { run: string }): Promise<CodebookFacts> {
  const tokeniser = await openTokeniser(store, { run, step: null });
  const { ids, order, catalogue } = tokeniser;
  const { snapshots, selected } = readManifest(store.runs.folder(run));
  // Read again: the run may have ended since it was opened.
  const { name, model, dataset, metrics, seed } = store.runs.own(run);
  return {
    ...{ run, name, model, dataset, seed },
    isTraining: selected === null,
    measures: measuresOf(metrics),
    levels: ids.levels,
    codebookSizes: [...ids.codebookSizes],
    items: ids.items,
    withId: order.length,
    snapshots: snapshots.map(({ step, epoch }) => ({ step, epoch })),
    selected: tokeniser.step,
    columns: [...catalogue.columns],
    category: catalogue.category,
    hasTitles: catalogue.hasTitles,
    vectorDim: tokeniser.vectorDim,
  };
}

/** In the order of reports. */
function measuresOf(metrics: Record<string, number>): IdMeasure[] {
  const names = sortedMetrics(Object.keys(metrics).filter((name) => name.startsWith('ids/')));
  return names.map((name) => {
    const { label, decimals } = metricColumn(name);
    return { name, label, decimals, value: metrics[name] };
  });
}

/** Rounds numbers for a picture: pixels show no more digits. */
const rounded = (values: Float32Array) => Array.from(values, (value) => Math.round(1e3 * value) / 1e3);

export async function codebookStrips(store: Store, request: SelectedView): Promise<CodebookStrips> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  const uses = await tokeniser.uses(request.category);
  const selected = tokeniser.select(request.pattern);
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

function interactionsOf({ ids, catalogue: { popularity } }: OpenedTokeniser, selected: Selection): number {
  let sum = 0;
  forEachSelected(ids, selected, (item) => {
    sum += popularity[item];
  });
  return sum;
}

export async function codebookPeek(store: Store, request: SelectedView): Promise<CodebookPeek> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  const selected = tokeniser.select(request.pattern);
  const titles = await tokeniser.catalogue.names(tokeniser.popular(selected, 0, PEEK_TITLES));
  return {
    items: selected.count,
    interactions: interactionsOf(tokeniser, selected),
    categories: labels ? shares(tokeniser, labels, selected) : [],
    titles: titles.map(({ id, title }) => title ?? id),
  };
}

function shares({ ids }: OpenedTokeniser, labels: Labels, selected: Selection): CodebookPeek['categories'] {
  const counts = new Int32Array(labels.names.length);
  forEachSelected(ids, selected, (item) => {
    if (labels.of[item] >= 0) counts[labels.of[item]]++;
  });
  return [...counts.keys()]
    .filter((kind) => counts[kind] > 0)
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, PEEK_CATEGORIES)
    .map((kind) => ({ name: labels.names[kind], share: counts[kind] / selected.count }));
}

export async function codebookTree(
  store: Store,
  request: SelectedView & { weight: 'items' | 'interactions' },
): Promise<{ root: number[]; nodes: SelectedNode[] }> {
  const tokeniser = await openTokeniser(store, request);
  const root = leadingPrefix(request.pattern.slice(0, tokeniser.ids.levels));
  const tree = await tokeniser.tree(root, request.weight, request.category);
  const counts = selectedInTree(tree, tokeniser.order, tokeniser.select(request.pattern));
  return { root, nodes: tree.nodes.map((node, at) => ({ ...node, selected: counts[at] })) };
}

export async function codebookCategories(store: Store, request: SelectedView): Promise<CategoryBars | null> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  if (!labels) return null;
  const { ids } = tokeniser;
  const { pattern } = request;
  const open = Array.from({ length: ids.levels }, (_, level) => level).find(
    (level) => (pattern[level] ?? null) === null,
  );
  return categoryBars(ids, labels, tokeniser.select(request.pattern), open ?? ids.levels - 1, CATEGORY_ROWS);
}
