import { colourIndex, colourIndexes, DARK_COLOURS, LIGHT_COLOURS } from '../../core/api/colours.ts';

function colourAt(index: number, theme: 'light' | 'dark'): string {
  const colours = theme === 'dark' ? DARK_COLOURS : LIGHT_COLOURS;
  return colours[index % colours.length];
}

/** A run's own colour, which it keeps everywhere. */
export function runColour(run: string, theme: 'light' | 'dark'): string {
  return colourAt(colourIndex(run), theme);
}

/** One colour for each of several runs shown together: its own, or the next free one where two would share it. */
export function runColours(runs: readonly string[], theme: 'light' | 'dark'): Map<string, string> {
  return new Map([...colourIndexes(runs)].map(([run, index]) => [run, colourAt(index, theme)]));
}

/** A colour of the theme in force, such as "--text-muted". */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
