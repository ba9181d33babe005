import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { shell } from '../shell/window-shell.ts';
import { type Action, isEnabled, withFreeKeys } from './action.ts';

export const useActions = create<{ actions: Action[] }>(() => ({ actions: [] }));

/**
 * Makes actions available; returns how to take them away. A later one takes the place of one with the same id, but its key
 * none of another's.
 */
export function registerActions(wanted: readonly Action[]): () => void {
  const added = withFreeKeys(wanted, currentActions(), ({ id, shortcut }, other) => {
    console.error(`The key ${shortcut} of ${id} is that of ${other.id}`);
  });
  useActions.setState(({ actions }) => ({ actions: [...actions, ...added] }));
  updateMenu();
  return () => {
    useActions.setState(({ actions }) => ({ actions: actions.filter((action) => !added.includes(action)) }));
    updateMenu();
  };
}

/** Actions of a component, for as long as it is shown; they do what they did when it was last rendered. */
export function useRegisteredActions(actions: readonly Action[]): void {
  const latest = useRef(actions);
  latest.current = actions;
  const key = JSON.stringify(actions.map((action) => [action.id, action.label, isEnabled(action)]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered again when menus would show them otherwise
  useEffect(() => {
    const stable = latest.current.map((action) => {
      // The list is shorter now, and registers again in a moment.
      const now = () => latest.current.find(({ id }) => id === action.id);
      return {
        ...action,
        enabled: () => isEnabled(now() ?? { enabled: () => false }),
        perform: () => now()?.perform(),
      };
    });
    return registerActions(stable);
  }, [key]);
}

/** The actions there are, of several with one id the newest. */
export function currentActions(): Action[] {
  return newestOf(useActions.getState().actions);
}

export function newestOf(actions: readonly Action[]): Action[] {
  return [...new Map(actions.map((action) => [action.id, action])).values()];
}

export function performAction(id: string): void {
  const action = currentActions().find((entry) => entry.id === id);
  if (action && isEnabled(action)) void action.perform();
}

let isDue = false;

/** Once for all that changes in one turn. */
function updateMenu(): void {
  if (!isDue) queueMicrotask(sendMenu);
  isDue = true;
}

function sendMenu(): void {
  isDue = false;
  shell.setMenu(
    currentActions().map((action) => ({
      id: action.id,
      label: action.label,
      group: action.group,
      shortcut: action.shortcut ?? null,
      enabled: isEnabled(action),
    })),
  );
}
