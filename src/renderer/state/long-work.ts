/** Long work of the program, as this window begins it, sees it and hears of its end. */
import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { coming } from '../../core/api/changes.ts';
import type { TrackerSummary } from '../../core/api/runs.ts';
import type { WorkAsked, WorkState } from '../../core/api/work.ts';
import { bytesText, countText, grouped } from '../format/format.ts';
import { api, client, windowText } from './api.ts';
import { remember } from './deeds.ts';
import { keepDraft, keptDraft } from './drafts.ts';
import { homeStore } from './home-store.ts';
import { goToAddress, routeLink } from './navigation.ts';
import { announce, askToNotify, attempt } from './toasts.ts';

/** What was typed for it, by the key of its draft. */
interface Typed {
  key: string;
  value: unknown;
}

/** What this window has begun: it takes back what came of it. */
const useMine = homeStore<{ begun: ReadonlyMap<string, Typed | null> }>(() => ({ begun: new Map() }));

const NONE: WorkState[] = [];

/** Oldest first. */
export function useWork(): WorkState[] {
  return useQuery(api.work.list.queryOptions()).data ?? NONE;
}

export const goesOn = ({ status }: WorkState) => status === 'running' || status === 'waiting';

/** Begins it, and tells where that cannot be. `typed` stays a draft until it is done, to be tried again. */
export function startWork(failure: string, request: WorkAsked, typed: Typed | null = null): Promise<boolean> {
  askToNotify();
  return attempt(failure, async () => {
    const { id } = await client.work.start(request);
    useMine.setState(({ begun }) => ({ begun: new Map([...begun, [id, typed]]) }));
  });
}

export function stopWork({ id, name }: WorkState): void {
  void attempt(`Could not stop ${name}`, () => client.work.stop({ id }));
}

/** What is said of each kind while it goes on, once it has ended, and where it cannot be done. */
export const WORK_WORDS: Record<WorkState['of'], [doing: string, done: string, verb: string]> = {
  evaluation: ['Evaluating', 'Evaluated', 'evaluate'],
  'dataset-export': ['Exporting', 'Exported', 'export'],
  'model-export': ['Exporting', 'Exported', 'export'],
  'result-import': ['Measuring', 'Saved', 'save'],
  bundle: ['Bundling', 'Bundled', 'bundle'],
  reproduction: ['Preparing', 'Queued again', 'make again'],
  'tracker-import': ['Importing runs of', 'Imported runs of', 'import runs of'],
};

/** The address of what came of it; null where that lies in a folder. */
export function workPlace(state: WorkState): string | null {
  const { of, subject } = state;
  if (of === 'evaluation')
    return routeLink('language', ['pipeline'], subject === null ? {} : { run: subject });
  if (of === 'tracker-import') return routeLink('runs');
  if (of === 'reproduction')
    return state.result && routeLink('reproduce', ['done'], { runs: state.result.runs.join() });
  if (of !== 'result-import' || state.result === null) return null;
  const ids = state.result.runs.map(({ id }) => id);
  return ids.length === 1 ? routeLink('run', ids) : routeLink('compare', [], { runs: ids.join() });
}

/** What came of it, in a line. */
export function workResult(state: WorkState): string | undefined {
  if (state.result === null) return undefined;
  if (state.of === 'dataset-export')
    return `${grouped(state.result.counts.testUsers)} users to test. ${state.result.folder}`;
  if (state.of === 'model-export') return `${state.result.files.join(', ')}. ${state.result.folder}`;
  if (state.of === 'bundle') return `${bytesText(state.result.bytes)}. ${state.result.file}`;
  if (state.of === 'reproduction')
    return [
      countText(state.result.runs.length, 'run'),
      ...state.result.left.map(({ name, reason }) => `not ${name}: ${reason}`),
    ].join('; ');
  return undefined;
}

/** How it ended, for a user who is looking at something else by now. */
export function announceWork(state: WorkState): void {
  const { of, name, status, problem, id } = state;
  const [, done, verb] = WORK_WORDS[of];
  if (status === 'failed')
    announce({
      level: 'error',
      title: `Could not ${verb} ${name}`,
      text: problem ? windowText(problem) : undefined,
    });
  if (status === 'stopped' && of === 'result-import')
    announce({ level: 'info', title: `Stopped saving ${name}`, text: 'Runs saved so far stay.' });
  if (status === 'stopped' && of === 'tracker-import')
    announce({
      ...{ level: 'info', title: 'Import cancelled' },
      text: 'Runs read so far were kept. Import again to continue.',
    });
  if (status !== 'completed') return;
  const typed = useMine.getState().begun.get(id);
  // What was typed since is of something else.
  if (typed && JSON.stringify(keptDraft(typed.key, z.unknown())) === JSON.stringify(typed.value))
    keepDraft(typed.key, undefined);
  const place = workPlace(state);
  const isMine = useMine.getState().begun.has(id);
  if (of === 'result-import' && state.result && isMine)
    remember({
      label: `import of ${name}`,
      changes: [
        coming(
          'run',
          state.result.runs.map((run) => run.id),
        ),
      ],
    });
  if (of === 'tracker-import' && state.result) tellOfRuns(state.result, isMine);
  else {
    const action = place === null ? undefined : { label: 'Open', perform: () => goToAddress(place) };
    announce({ level: 'info', title: `${done} ${name}`, text: workResult(state), action });
  }
}

function tellOfRuns({ runs, sweeps }: TrackerSummary, isMine: boolean): void {
  const added = runs.flatMap(({ id, state }) => (id !== null && state === 'new' ? [id] : []));
  const changed = runs.filter(({ state }) => state === 'changed').length;
  const news = changed > 0 ? `, ${countText(changed, 'run')} updated` : '';
  const title =
    added.length > 0
      ? `Imported ${countText(added.length, 'run')}${news}`
      : changed > 0
        ? `${countText(changed, 'run')} updated`
        : 'Nothing new';
  if (added.length === 0 || !isMine) return void announce({ level: 'info', title });
  const came = [
    coming('run', added),
    coming(
      'sweep',
      sweeps.map(({ id }) => id),
    ),
  ];
  remember({
    label: `import of ${countText(added.length, 'run')}`,
    ...{ title, elsewhere: true },
    changes: came.filter(({ ids }) => ids.length > 0),
  });
}
