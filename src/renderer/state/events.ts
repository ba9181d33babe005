/** Listens to the events of main: what they carry is kept, and what they make old is asked for again. */
import type { ImportState } from '../../core/api/datasets.ts';
import type { AppEvent } from '../../core/api/events.ts';
import { client, queryClient, windowText } from './api.ts';
import { currentLink } from './connection.ts';
import { type HeardProgress, heard } from './heard.ts';
import { enterHome, homeStore } from './home-store.ts';
import { announceWork } from './long-work.ts';
import { goTo, useRoute } from './navigation.ts';
import { refreshAfter } from './old-answers.ts';
import { announce } from './toasts.ts';

interface LiveState {
  /** Latest progress of each running run. */
  progress: Record<string, HeardProgress>;
  imports: Record<string, ImportState>;
  /** The program ends, once so many runs have stopped; null while it stays. */
  closing: number | null;
}

/** How long it waits after a lost connection. */
const AGAIN_MS = 500;

/** What changes too often to be queried. */
export const useLive = homeStore<LiveState>(() => ({ progress: {}, imports: {}, closing: null }));

function without<T>(all: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...others } = all;
  return others;
}

export function handleEvent(event: AppEvent): void {
  refreshAfter(event);
  switch (event.type) {
    case 'progress':
      useLive.setState(({ progress }) => ({
        progress: event.progress
          ? { ...progress, [event.run]: heard(event.progress, progress[event.run]) }
          : without(progress, event.run),
      }));
      break;
    case 'import':
      useLive.setState(({ imports }) => ({ imports: { ...imports, [event.state.id]: event.state } }));
      break;
    case 'closing':
      useLive.setState({ closing: event.runs });
      break;
    case 'notice': {
      const { level, title, text, run } = event;
      const action = run === null ? undefined : { label: 'Open', perform: () => goTo('run', [run]) };
      announce({ level, title, text, action });
      break;
    }
  }
}

/** How an import ended, for a user who is looking at something else by now. */
function announceImport({ name, status, problem }: ImportState): void {
  const watching = useRoute.getState().path[0] === 'import';
  if (status === 'completed') announce({ level: 'info', title: `Imported ${name}` });
  if (status === 'failed' && !watching) {
    announce({
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
    let isLeft = false;
    try {
      // Before anything is asked for: what changes between an answer and the first event would be missed.
      const events = await client.events();
      const { home, homeKey } = await client.settings.system();
      if (enterHome(home, homeKey)) showHome(home);
      else if (!first) void queryClient.invalidateQueries();
      for (const state of await client.datasets.imports()) handleEvent({ type: 'import', state });
      for await (const event of events) {
        isLeft = event.type === 'home';
        if (isLeft) break;
        handleEvent(event);
        if (event.type === 'import') announceImport(event.state);
        if (event.type === 'work') announceWork(event.state);
      }
    } catch {
      // The connection's own state shows that it is lost.
    }
    if (!isLeft) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Another data folder is open: no answer and no address of the one before means anything here. */
function showHome(home: string): void {
  queryClient.removeQueries({ predicate: ({ queryKey: [path] }) => Array.isArray(path) });
  if (useRoute.getState().screen !== 'settings') goTo('home');
  announce({ level: 'info', title: 'Opened another data folder', text: home });
}
