/** What the palette finds: runs, what can be done, and places. */
import { useQuery } from '@tanstack/react-query';
import {
  ChartSpline,
  CornerDownRight,
  Database,
  Folder,
  type LucideIcon,
  Pause,
  Plus,
  Scale,
  Settings,
  SlidersHorizontal,
} from 'lucide-react';
import { MODEL_TITLES } from '../../core/api/models.ts';
import type { RunTableRow } from '../../core/api/runs.ts';
import { countText, fixed, hasWords } from '../format/format.ts';
import { meantWords } from '../format/meant.ts';
import { searchAround } from '../new-run/again.ts';
import { openNewRun } from '../new-run/new-run.ts';
import { compareRuns } from '../runs/changes.ts';
import { comparisonQuery } from '../runs/comparison-query.ts';
import { MAIN_RESULTS } from '../runs/main-metrics.ts';
import { projectPlace, useProjects } from '../runs/projects.ts';
import { pauseRun } from '../runs/QueueButtons.tsx';
import { useSavedComparisons } from '../runs/saved-comparisons.ts';
import { goToSetting, SETTING_PLACES, type SettingPlace } from '../screens/settings/setting-places.ts';
import { api, useKeptQuery } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { useLastPlaces } from '../state/last-places.ts';
import { goTo, parseRoute } from '../state/navigation.ts';
import { type Action, isEnabled } from './action.ts';
import { bestPair, inOrder, mainCell, rowContext, rowTitle } from './palette-runs.ts';
import { currentActions } from './registry.ts';

/** A command, or a place to go to. */
export interface Found {
  id: string;
  label: string;
  context?: string;
  shortcut?: string;
  icon?: LucideIcon;
  /** The run, or the runs that differ in their seed, that it leads to. */
  row?: RunTableRow;
  value?: string;
  spread?: string;
  /** It changes what the palette shows, and leaves it open. */
  stays?: boolean;
  perform(): void | Promise<void>;
}

/** A command, or a place to go to, with the word for what it is. */
export function found(
  id: string,
  label: string,
  icon: LucideIcon,
  perform: () => void | Promise<void>,
  context?: string,
): Found {
  return { id, label, icon, perform, context };
}

export interface FoundGroup {
  title: string;
  found: readonly Found[];
}

const RUNS = 5;
const MOST_RUNS = 100;
/** Models that are offered for a new run. */
const MODELS = 2;
const SETTLE_MS = 150;
/** What a first character narrows the search to. */
const KINDS: Record<string, 'actions' | 'tags' | 'datasets'> = {
  '>': 'actions',
  '#': 'tags',
  '@': 'datasets',
};

/** Where a row leads: to its study, or to its run. */
export function openRow({ id, study }: RunTableRow): void {
  if (study) goTo(study.kind === 'sweep' ? 'sweeps' : 'scaling', [study.id]);
  else goTo('run', [id]);
}

/** Puts the completed runs of a row beside those that were compared last. */
export function useAddToComparison() {
  const [{ compare = '' }] = useLastPlaces();
  const compared = (parseRoute(compare).query.get('runs') ?? '').split(',').filter((id) => id !== '');
  return ({ runs }: RunTableRow) => compareRuns([...new Set([...compared, ...runs.map(({ id }) => id)])]);
}

function foundRow(row: RunTableRow): Found {
  const { study } = row;
  const main = study ? undefined : mainCell(row);
  return {
    id: study?.id ?? row.id,
    label: rowTitle(row),
    context: rowContext(row),
    row,
    icon: study ? (study.kind === 'sweep' ? SlidersHorizontal : ChartSpline) : undefined,
    value: main && fixed(main.cell.mean, 4),
    spread: main && main.cell.std !== null ? `± ${fixed(main.cell.std, 4)}` : undefined,
    perform: () => openRow(row),
  };
}

/** The groups for a text; `search` is it without the character that narrows it. */
export function useFoundGroups(
  text: string,
  all: boolean,
  showAll: () => void,
  type: (text: string) => void,
) {
  const kind = KINDS[text.trimStart().charAt(0)];
  const words = (kind ? text.trimStart().slice(1) : text).trim();
  const search = useDebounced(words, SETTLE_MS);
  const findsRuns = search !== '' && (kind === undefined || kind === 'tags');
  const { data, isPlaceholderData } = useKeptQuery({
    ...api.runs.table.queryOptions({
      input: {
        ...(kind === 'tags' ? { tags: [search] } : { search }),
        archived: 'all',
        fold: true,
        foldStudies: true,
        metrics: [...MAIN_RESULTS],
        limit: MOST_RUNS,
      },
    }),
    enabled: findsRuns,
  });
  const isAnswer = words === search && !isPlaceholderData;
  // Until the answer is there, of the rows at hand only those that fit what is typed by now.
  const fits = (row: RunTableRow) =>
    isAnswer || hasWords(`${rowTitle(row)} ${row.name} ${rowContext(row)}`, words);
  const rows = findsRuns && words !== '' ? inOrder(data?.rows ?? []).filter(fits) : [];
  const shown = all ? rows : rows.slice(0, RUNS);
  const runs: Found[] = [
    ...shown.map(foundRow),
    ...(rows.length > shown.length
      ? [
          {
            id: 'more',
            label: `${rows.length - shown.length} more`,
            icon: CornerDownRight,
            stays: true,
            perform: showAll,
          },
        ]
      : []),
  ];
  const actions = [
    ...(kind === undefined && words !== '' ? proposed(words, rows) : []),
    ...matching(currentActions(), words),
  ];
  const places = usePlaces(kind === 'datasets');
  const elsewhere = places.filter(({ label, keywords = '' }) => hasWords(`${label} ${keywords}`, words));
  const groups: FoundGroup[] = [
    { title: 'Runs', found: runs },
    { title: 'Actions', found: kind === undefined || kind === 'actions' ? actions : [] },
    {
      title: 'Elsewhere',
      found: kind === 'datasets' || (kind === undefined && words !== '') ? elsewhere : [],
    },
  ].filter(({ found }) => found.length > 0);
  if (groups.length > 0 || (findsRuns && !isAnswer)) return { groups, search: words };
  const names = [...currentActions().filter(isEnabled), ...places].map(({ label }) => label);
  const meant = meantWords(words, [...names, ...Object.values(MODEL_TITLES)]);
  const found = { id: 'meant', label: meant ?? '', icon: CornerDownRight, stays: true };
  const perform = () => type(text.replace(words, meant ?? words));
  return {
    groups: meant === null ? [] : [{ title: 'Did you mean', found: [{ ...found, perform }] }],
    search: words,
  };
}

function matching(actions: readonly Action[], search: string): Found[] {
  const [first] = search.split(' ');
  return actions.filter((action) => {
    const { label, group, keywords = '', verb = first } = action;
    return isEnabled(action) && hasWords(`${label} ${group} ${keywords}`, search) && hasWords(verb, first);
  });
}

/** What suggests itself: a run of a model that was typed, the best two runs compared, what trains paused. */
function proposed(words: string, rows: readonly RunTableRow[]): Found[] {
  const models = Object.entries(MODEL_TITLES).filter(([id, title]) => hasWords(`${title} ${id}`, words));
  const pair = bestPair(rows);
  const training = rows.flatMap((row) => {
    const run = row.runs.find(({ status }) => status === 'running');
    return run ? [{ row, run }] : [];
  });
  return [
    ...models
      .slice(0, MODELS)
      .map(([id, title]) =>
        found(`new ${id}`, `New run with ${title}`, Plus, () => openNewRun({ model: id })),
      ),
    ...(pair ? [comparePair(pair)] : []),
    ...rows.flatMap(newSweep).slice(0, 1),
    ...training.slice(0, 1).map(({ row, run }) => ({
      ...found(`pause ${run.id}`, `Pause ${rowTitle(row)}`, Pause, () => void pauseRun(run)),
      context: row.runs.length > 1 ? `seed ${run.seed}` : undefined,
    })),
  ];
}

function newSweep(row: RunTableRow): Found[] {
  const { id, dataset, model, study } = row;
  if (study || dataset === null || model === null || !Object.hasOwn(MODEL_TITLES, model)) return [];
  const label = `New sweep of ${rowTitle(row)}`;
  return [found('sweep', label, SlidersHorizontal, () => searchAround(id), `on ${dataset.name}`)];
}

function comparePair([one, other]: [RunTableRow, RunTableRow]): Found {
  const label = `Compare ${rowTitle(one)} and ${rowTitle(other)}`;
  const runs = [...one.runs, ...other.runs].map(({ id }) => id);
  return found('compare best', label, Scale, () => compareRuns(runs), `on ${one.dataset?.name}`);
}

/** Data sets, projects, saved comparisons and settings. */
function usePlaces(datasetsAlone: boolean): (Found & { keywords?: string })[] {
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const projects = useProjects();
  const comparisons = useSavedComparisons();
  const data = datasets.map(({ id, name, statistics }) => {
    const context = `data set, ${countText(statistics.users, 'user')}`;
    return found(`data set ${id}`, name, Database, () => goTo('datasets', [name]), context);
  });
  if (datasetsAlone) return data;
  const settings = Object.entries(SETTING_PLACES) as [SettingPlace, { label: string; keywords: string }][];
  return [
    ...projects.map(({ id, name }) =>
      found(`project ${id}`, name, Folder, () => goTo(...projectPlace(id)), 'project'),
    ),
    ...data,
    ...comparisons.map((one) => {
      const open = () => goTo('compare', [], comparisonQuery(one));
      return found(`comparison ${one.id}`, one.name, Scale, open, 'saved comparison');
    }),
    ...settings.map(([place, { label, keywords }]) => ({
      ...found(`setting ${place}`, label, Settings, () => goToSetting(place), 'setting'),
      keywords: `settings ${keywords}`,
    })),
  ];
}
