/** "#/run/<id>/<tab>?seeds=1:<id>,2:<id>": the run, what is looked at, and the runs of the same config. */
import { goTo, type Route, replaceQuery, routeLink, useRoute } from '../../state/navigation.ts';

export interface Sibling {
  id: string;
  seed: string;
}

export interface RunRoute {
  run: string;
  /** Null for the first one. */
  tab: string | null;
  /** Runs that differ only in their seed; empty where it is not known of any. */
  siblings: Sibling[];
  query: Record<string, string>;
}

export function readRunRoute({ path, query }: Route): RunRoute {
  const [run = '', tab = null] = path;
  const siblings = (query.get('seeds') ?? '').split(',').flatMap((text): Sibling[] => {
    const [seed, id] = text.split(':');
    return id ? [{ id, seed }] : [];
  });
  return { run, tab, siblings, query: Object.fromEntries(query) };
}

export function useRunRoute() {
  const place = readRunRoute(useRoute());
  const { run, tab, query } = place;
  const path = (id: string, view: string | null) => (view === null ? [id] : [id, view]);
  return {
    ...place,
    show: (view: string) => goTo('run', path(run, view), query),
    /** Changes what the address keeps besides; an answer that comes late changes neither what was chosen meanwhile nor another page. */
    keep: (changes: Record<string, string>) => {
      const now = useRoute.getState();
      if (now.screen === 'run' && now.path[0] === run)
        replaceQuery({ ...Object.fromEntries(now.query), ...changes });
    },
    linkTo: (id: string) => routeLink('run', path(id, tab), query),
  };
}
