/** The first comparison on a data set: baselines that others must beat, and a transformer of a size to match. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { type Span, startText, sumOf } from '../../core/api/clock.ts';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { nameAlone } from '../../core/api/runs.ts';
import type { Action } from '../actions/action.ts';
import { api, client } from '../state/api.ts';
import { attempt } from '../state/toasts.ts';
import { compareRuns } from './changes.ts';
import { useTimesOfNew } from './use-clock.ts';

/** EASE keeps a matrix of items by items: 1.6 GB of them at most. */
const EASE_ITEMS = 20_000;
/** Interactions that SASRec sees in all its epochs, unless it stops early. */
const INTERACTIONS = 10_000_000;

interface Starter {
  model: string;
  overrides: Record<string, unknown>;
}

/** The models, those that finish first before the others. */
function starterModels({ items, interactions }: DatasetSummary['statistics']): Starter[] {
  const epochs = Math.min(100, Math.max(5, Math.round(INTERACTIONS / Math.max(1, interactions))));
  return [
    { model: 'popularity', overrides: {} },
    { model: 'itemknn', overrides: {} },
    ...(items <= EASE_ITEMS ? [{ model: 'ease', overrides: {} }] : []),
    { model: 'sasrec', overrides: { epochs, dim: interactions < 50_000 ? 32 : 64 } },
  ];
}

export function starterAction(dataset: DatasetSummary): Action {
  return {
    id: 'datasets.starter',
    label: 'Compare starter models',
    icon: Scale,
    group: 'Run',
    keywords: 'baselines popularity itemknn ease sasrec',
    perform: async () => {
      await compareStarterModels(dataset);
    },
  };
}

/** As they are asked for. */
function starterRequests({ name, statistics }: DatasetSummary) {
  const shared = { dataset: name, seeds: [1], tags: ['starter'] };
  return starterModels(statistics).map((model) => ({ ...shared, ...model }));
}

/** What they take in all, and what they would wait for; null until it is known. */
export function useStarterTime(dataset: DatasetSummary): { work: Span; start: string } | null {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const answers = useQueries({
    queries: starterRequests(dataset).map(({ seeds: _seeds, tags: _tags, ...input }) =>
      api.models.estimate.queryOptions({ input }),
    ),
  });
  const expected = answers.map(({ data }) => data?.time ?? null);
  const [first] =
    useTimesOfNew(queue, [{ requestedDevice: 'auto', place: null, expected: expected[0] }]) ?? [];
  if (!queue || !first || answers.some(({ data }) => data === undefined)) return null;
  const all = [...queue.running, ...queue.waiting].map(({ run }) => run);
  const before = all.find(({ id }) => id === first.after);
  return { work: sumOf(expected), start: startText(first.begins, before ? nameAlone(before) : null) };
}

/** Puts them into the queue and lands in their comparison, which fills while they train. */
function compareStarterModels(dataset: DatasetSummary): Promise<boolean> {
  return attempt('The starter models could not be started', async () => {
    const { runs } = await client.queue.enqueue({ requests: starterRequests(dataset) });
    compareRuns(runs);
  });
}
