/** Projects: which one is in view, and what can be done to one from any screen. */
import { useQuery } from '@tanstack/react-query';
import { deleting } from '../../core/api/changes.ts';
import { MAX_COMPARED } from '../../core/api/compare.ts';
import type { Project } from '../../core/api/projects.ts';
import { countText } from '../format/format.ts';
import { api, client } from '../state/api.ts';
import { change } from '../state/deeds.ts';
import { goTo, type Route, routeLink, useRoute } from '../state/navigation.ts';
import { attempt } from '../state/toasts.ts';
import { comparisonQuery } from './comparison-query.ts';

const NONE: Project[] = [];
/** Key of a comparison's address: the project whose report is to be opened. */
export const REPORTED = 'report';

/** By name; none until they are known. */
export function useProjects(): Project[] {
  return useQuery(api.projects.list.queryOptions()).data ?? NONE;
}

/** Id of the project whose runs are at a place; null for all. */
export function projectAt({ screen, query }: Route): string | null {
  return screen === 'runs' ? query.get('project') : null;
}

/** Id of the project whose runs are shown; null for all. */
export function useProjectInView(): string | null {
  return useRoute(projectAt);
}

/** The project that all rows are in, or null. */
export function sharedProject(rows: readonly { project: string | null }[]): string | null {
  const [first = null, ...others] = new Set(rows.map(({ project }) => project));
  return others.length === 0 ? first : null;
}

/** Where the runs of a project are shown, or with null all runs. */
export function projectPlace(
  id: string | null,
): [screen: string, path: string[], query: Record<string, string>] {
  return ['runs', [], id === null ? {} : { project: id }];
}

/** Puts runs into the project of this name, which is made where there is none, or with null into none. */
export function moveRuns(runs: readonly string[], project: string | null): Promise<boolean> {
  const what = countText(runs.length, 'run');
  const title = project === null ? `Removed ${what} from their project` : `Moved ${what} to ${project}`;
  return change('The runs could not be moved', { label: `move of ${what}`, title }, [
    { of: 'run', ids: [...runs], to: { project } },
  ]);
}

/** Opens the report of all completed runs of a project. */
export function reportProject({ id }: Project): Promise<boolean> {
  return attempt('The runs of the project could not be read', async () => {
    const { rows } = await client.runs.table({
      project: id,
      statuses: ['completed'],
      sort: [{ field: 'createdAt', descending: false }],
      limit: MAX_COMPARED,
    });
    goTo('compare', [], { ...comparisonQuery({ runs: rows.map(({ id }) => id) }), [REPORTED]: id });
  });
}

/** The runs remain, and all runs are shown. */
export async function deleteProject({ id, name }: Project): Promise<void> {
  const words = {
    label: `deletion of the project ${name}`,
    title: `Deleted the project ${name}`,
    shows: routeLink(...projectPlace(id)),
  };
  if (await change('The project could not be deleted', words, [deleting('project', [id])]))
    goTo(...projectPlace(null));
}
