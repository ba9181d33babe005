/** What the window keeps of the data folder that is open: in another one it begins anew. */
import { create } from 'zustand';

const forgetting = new Set<() => void>();

/** The data folder as far as it is known, which one it is whatever its place, and how often another one was opened instead. */
export const useHome = create<{ home: string | null; key: string; changes: number }>(() => ({
  home: null,
  key: '',
  changes: 0,
}));

/** A store of what belongs to a data folder, such as a selection: in another one it is as `first` makes it. `leave` ends what goes on. */
export function homeStore<State extends object>(first: () => State, leave?: (last: State) => void) {
  const store = create<State>(first);
  forgetting.add(() => {
    leave?.(store.getState());
    store.setState(first(), true);
  });
  return store;
}

/** The folder that the process behind the window has open. Returns whether it was another one before. */
export function enterHome(home: string, key = home): boolean {
  const { home: before, key: keyBefore, changes } = useHome.getState();
  if (home === before && key === keyBefore) return false;
  const isOther = before !== null;
  if (isOther) for (const forget of forgetting) forget();
  useHome.setState({ home, key, changes: isOther ? changes + 1 : changes });
  return isOther;
}
