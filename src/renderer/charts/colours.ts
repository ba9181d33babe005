/**
 * Colours of runs, told apart by people with any colour vision: the eight of Okabe and Ito (2008), darkened or
 * lightened where the background asks for it. A run keeps its colour everywhere.
 */
const LIGHT = ['#0072b2', '#d55e00', '#007a5a', '#a8508a', '#8a6500', '#3a86b8', '#5b5b5b', '#7b4fc9'];
const DARK = ['#56a8e0', '#ff8f4a', '#3ec79a', '#df8fc0', '#e6b53c', '#8cc8f0', '#b8b8b8', '#b79bf5'];

/** By the end of the run's id, which is random. */
export function runColour(run: string, theme: 'light' | 'dark'): string {
  let hash = 0;
  for (const character of run) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  const colours = theme === 'dark' ? DARK : LIGHT;
  return colours[hash % colours.length];
}

/** One colour for each of several runs shown together: its own, or the next free one where two would share it. */
export function runColours(runs: readonly string[], theme: 'light' | 'dark'): Map<string, string> {
  const colours = theme === 'dark' ? DARK : LIGHT;
  const taken = new Set<string>();
  const chosen = new Map<string, string>();
  for (const run of [...runs].sort()) {
    const own = runColour(run, theme);
    const free = taken.has(own) ? colours.find((colour) => !taken.has(colour)) : own;
    chosen.set(run, free ?? own);
    taken.add(free ?? own);
  }
  return chosen;
}

/** A colour of the theme in force, such as "--text-muted". */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
