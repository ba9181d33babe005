import { create } from 'zustand';

export type ThemeChoice = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** The theme in force. Charts read it, for they draw their own colours. */
export const useTheme = create<{ choice: ThemeChoice; theme: 'light' | 'dark' }>(() => ({
  choice: 'system',
  theme: dark.matches ? 'dark' : 'light',
}));

/** Where the last choice is kept, so that the first paint has it before the settings are read. */
const KEPT = 'tessera-theme';

export function keptTheme(): ThemeChoice {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Follows the system, or the user's choice in its place. */
export function applyTheme(choice: ThemeChoice): void {
  const theme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(KEPT, choice);
  useTheme.setState({ choice, theme });
}

dark.addEventListener('change', () => applyTheme(useTheme.getState().choice));
