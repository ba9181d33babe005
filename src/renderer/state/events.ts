/** Listens to the events of main, and invalidates the queries whose answers have changed. */
import { create } from 'zustand';
import type { ImportState } from '../../core/api/datasets.ts';
import type { AppEvent } from '../../core/api/events.ts';
import type { TrainingProgress } from '../../core/api/runs.ts';
import { api, client, queryClient, windowText } from './api.ts';
import { currentLink } from './connection.ts';
import { goTo, useRoute } from './navigation.ts';
import { forgetSelection } from './selected-runs.ts';
import { notify } from './toasts.ts';
import { forgetViews } from './view.ts';

interface LiveState {
  /** Latest progress of each running run. */
  progress: Record<string, TrainingProgress>;
  imports: Record<string, ImportState>;
  /** The program ends, once so many runs have stopped; null while it stays. */
  closing: number | null;
}

/** What changes too often to be queried. */
export const useLive = create<LiveState>(() => ({ progress: {}, imports: {}, closing: null }));

/** A curve that grows is drawn twice a second. */
const REFRESH_MS = 500;
const due = new Map<string, ReturnType<typeof setTimeout>>();

/** At most one refresh a key in each half second, the last one never dropped. */
function refresh(queryKey: readonly unknown[]): void {
  const key = JSON.stringify(queryKey);
  if (due.has(key)) return;
  due.set(
    key,
    setTimeout(() => {
      due.delete(key);
      void queryClient.invalidateQueries({ queryKey });
    }, REFRESH_MS),
  );
}

function without<T>(all: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...others } = all;
  return others;
}

export function handleEvent(event: AppEvent): void {
  switch (event.type) {
    case 'run':
      refresh(api.runs.table.key());
      refresh(api.runs.places.key());
      refresh(api.language.pipeline.key());
      refresh(api.runs.fields.key());
      refresh(api.runs.annotations.key());
      refresh(api.runs.totals.key());
      refresh(api.projects.key());
      refresh(api.trash.key());
      refresh(api.compare.table.key());
      refresh(api.compare.curves.key());
      refresh(api.compare.toBaseline.key());
      refresh(api.compare.leaderboard.key());
      refresh(api.compare.leaderboards.key());
      refresh(api.published.key());
      // A tokeniser that has ended, or a model that was trained on one.
      refresh(api.codebooks.list.key());
      refresh(api.codebooks.facts.key());
      refresh(api.codebooks.generators.key());
      // What can be trained may need a tokeniser that has just ended.
      refresh(api.models.obstacles.key());
      refresh(api.models.sources.key());
      refresh(api.models.estimate.key());
      refresh(api.models.times.key());
      refresh(event.run === null ? api.runs.show.key() : api.runs.show.key({ input: { run: event.run } }));
      break;
    case 'progress':
      useLive.setState(({ progress }) => ({
        progress: event.progress
          ? { ...progress, [event.run]: event.progress }
          : without(progress, event.run),
      }));
      break;
    case 'series':
      refresh(api.runs.series.key({ input: { run: event.run } }));
      refresh(api.compare.curves.key());
      refresh(api.runs.show.key({ input: { run: event.run } }));
      break;
    case 'log':
      refresh(api.runs.logs.key({ input: { run: event.run } }));
      break;
    case 'queue':
      refresh(api.queue.key());
      // Which runs are paused.
      refresh(api.runs.table.key());
      refresh(api.studies.key());
      break;
    case 'comparisons':
      refresh(api.comparisons.key());
      refresh(api.trash.key());
      break;
    case 'import':
      useLive.setState(({ imports }) => ({ imports: { ...imports, [event.state.id]: event.state } }));
      break;
    case 'datasets':
      refresh(api.datasets.key());
      refresh(api.published.key());
      refresh(api.trash.key());
      break;
    case 'plugins':
      refresh(api.models.key());
      break;
    case 'settings':
      refresh(api.settings.key());
      refresh(api.hosts.key());
      break;
    case 'closing':
      useLive.setState({ closing: event.runs });
      break;
    case 'notice': {
      const { level, title, text, run } = event;
      const action = run === null ? undefined : { label: 'Open', perform: () => goTo('run', [run]) };
      notify({ level, title, text, action });
      break;
    }
  }
}

/** How an import ended, for a user who is looking at something else by now. */
function announceImport({ name, status, problem }: ImportState): void {
  const watching = useRoute.getState().path[0] === 'import';
  if (status === 'completed') notify({ level: 'info', title: `Imported ${name}` });
  if (status === 'failed' && !watching) {
    notify({
      level: 'error',
      title: `Could not import ${name}`,
      text: problem ? windowText(problem) : undefined,
    });
  }
}

/** Never returns: after a lost connection, or in another data folder, everything shown is asked for again. */
export async function listen(): Promise<never> {
  for (let first = true; ; first = false) {
    await currentLink();
    try {
      // Before anything is asked for: what changes between an answer and the first event would be missed.
      const events = await client.events();
      if (!first) void queryClient.invalidateQueries();
      for (const state of await client.datasets.imports()) handleEvent({ type: 'import', state });
      for await (const event of events) {
        if (event.type === 'home') {
          useLive.setState({ progress: {}, imports: {}, closing: null });
          forgetViews();
          forgetSelection();
          queryClient.removeQueries({ type: 'inactive' });
          break;
        }
        handleEvent(event);
        if (event.type === 'import') announceImport(event.state);
      }
    } catch {
      // The connection's own state shows that it is lost.
    }
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}
