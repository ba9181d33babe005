/** Published results as the window shows them, beside ours. */
import type { BoardRequest, OurResult, PublishedBoard, PublishedDataset } from '../../core/api/published.ts';
import { statedDifferences } from '../../core/documents/comparison/sections/published.ts';
import { mean } from '../../core/evaluation/metrics.ts';
import { splitOf } from '../../core/evaluation/protocol.ts';
import { standardDeviation } from '../../core/evaluation/significance.ts';
import { boardMetrics, publishedBoard } from '../../core/published/board.ts';
import {
  matchDataset,
  type PublishedResults,
  readPublished,
} from '../../core/published/published-results.ts';
import { isOwn } from '../../core/store/runs/run-kinds.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import { leaderboard } from '../services/runs/leaderboard.ts';

export function publishedDatasets(store: Store): PublishedDataset[] {
  const published = readPublished();
  const kept = store.datasets.list();
  return Object.entries(published.datasets)
    .map(([id, { title, users, interactions }]) => ({
      ...{ id, title, users: users ?? null, interactions: interactions ?? null },
      metrics: boardMetrics(published, id),
      imported: importedAs(store, published, id, kept),
    }))
    .filter(({ metrics }) => metrics.length > 0);
}

/** The data set here that results were published of; of several the one with most runs. */
function importedAs(
  store: Store,
  published: PublishedResults,
  id: string,
  kept = store.datasets.list(),
): PublishedDataset['imported'] {
  const [found] = kept
    .flatMap((dataset) => {
      const match = matchDataset(published, { name: dataset.name, ...dataset.statistics });
      const { name } = dataset;
      return match?.id === id ? [{ name, how: match.how, runs: store.datasets.countRunsOf(dataset.id) }] : [];
    })
    .sort((a, b) => b.runs - a.runs);
  return found ? { name: found.name, how: found.how } : null;
}

export function boardOf(store: Store, { dataset, metric, rows }: BoardRequest): PublishedBoard {
  const published = readPublished();
  const test = `test/${metric}`;
  const groups = (rows ?? chosenRuns(store, published, dataset, test)).map((ids) =>
    store.runs.named(ids).filter(isOwn),
  );
  const here = groups.filter(([run]) => run && isOf(store, run, published, dataset));
  const ours = here.flatMap((runs) => ourResult(runs, test) ?? []);
  const board = publishedBoard(published, dataset, metric, ours);
  return {
    ...board,
    differences: differencesOf(published, board, new Map(here.map((runs) => [runs[0].id, runs[0]]))),
  };
}

/** The best of each model by validation. */
function chosenRuns(store: Store, published: PublishedResults, id: string, metric: string): string[][] {
  const imported = importedAs(store, published, id);
  if (!imported) return [];
  const { best } = leaderboard(store, { dataset: imported.name, more: [metric] });
  return best.map(({ runs }) => runs.map((run) => run.id));
}

function isOf(store: Store, { dataset }: OwnRun, published: PublishedResults, id: string): boolean {
  const { name } = dataset;
  const statistics = dataset.id === null ? null : store.datasets.get(dataset.id).statistics;
  return matchDataset(published, { name, ...statistics })?.id === id;
}

/** Null where no run has the metric. */
function ourResult(runs: readonly OwnRun[], metric: string): OurResult | null {
  const [{ id, name, model, config, protocol }] = runs;
  const values = runs.flatMap(({ metrics }) => metrics[metric] ?? []);
  if (values.length === 0) return null;
  const std = values.length > 1 ? standardDeviation(values) : null;
  const blocks = typeof config.blocks === 'number' ? config.blocks : null;
  return {
    id,
    runs: runs.map((run) => run.id),
    name,
    model,
    blocks,
    split: splitOf(protocol),
    mean: mean(values),
    std,
    seeds: values.length,
  };
}

/** Of each source the ways in which ours of its models are measured differently, as far as it states how it measures. */
function differencesOf(
  { sources }: PublishedResults,
  board: ReturnType<typeof publishedBoard>,
  runs: ReadonlyMap<string, OwnRun>,
): string[] {
  return board.sources.flatMap(({ id, name }, at) => {
    const source = sources.find((one) => one.id === id);
    const beside = board.rows.flatMap(({ ours, printed }) =>
      ours && printed[at] ? (runs.get(ours.id) ?? []) : [],
    );
    const texts = new Set(source && beside.flatMap(({ protocol }) => statedDifferences(source, protocol)));
    return texts.size === 0 ? [] : [`Ours are measured differently than ${name}: ${[...texts].join('; ')}.`];
  });
}
