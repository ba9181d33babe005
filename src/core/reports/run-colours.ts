/**
 * Colours of runs, distinguishable with any colour vision: after the eight of Okabe and Ito (2008), adjusted so that
 * any two lines differ, on the background of their theme. A run keeps its colour everywhere, in the window and in reports.
 */
export const LIGHT_COLOURS = [
  '#0a56b4',
  '#e0560c',
  '#009e74',
  '#a05a86',
  '#4d570c',
  '#5b97dd',
  '#3f3549',
  '#8350e6',
] as const;

/** The same ones on a dark background. */
export const DARK_COLOURS = [
  '#4f7ff0',
  '#ff7436',
  '#2aa97d',
  '#f590bf',
  '#ecd93f',
  '#7fe6f2',
  '#dccfc9',
  '#93b4ff',
] as const;

const COUNT = LIGHT_COLOURS.length;

/** A run's own colour, by the end of its id, which is random; 0..7. */
export function colourIndex(run: string): number {
  let hash = 0;
  for (const character of run) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % COUNT;
}

/**
 * Colours of several runs shown together: each its own, or the next free one where two would share it. Beyond the
 * eighth run they repeat as 8..15.
 */
export function colourIndexes(runs: readonly string[]): Map<string, number> {
  const taken = new Set<number>();
  const chosen = new Map<string, number>();
  for (const run of [...new Set(runs)].sort()) {
    const own = colourIndex(run);
    const around = Array.from({ length: COUNT }, (_, step) => (own + step) % COUNT);
    const free = around.find((index) => !taken.has(index));
    chosen.set(run, free ?? own + COUNT);
    taken.add(free ?? own);
  }
  return chosen;
}
