import { create } from 'zustand';

export type ThemeChoice = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** The theme in force. Charts read it, for they draw their own colours. */
export const useTheme = create<{ choice: ThemeChoice; theme: 'light' | 'dark' }>(() => ({
  choice: 'system',
  theme: dark.matches ? 'dark' : 'light',
}));

/** Follows the system, or the user's choice in its place. */
export function applyTheme(choice: ThemeChoice): void {
  const theme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
  document.documentElement.dataset.theme = theme;
  useTheme.setState({ choice, theme });
}

dark.addEventListener('change', () => applyTheme(useTheme.getState().choice));
