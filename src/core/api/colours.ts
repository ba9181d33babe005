/**
 * Colours of runs, told apart by people with any colour vision: the eight of Okabe and Ito (2008), darkened or
 * lightened where the background asks for it. A run keeps its colour everywhere, in the window and in reports.
 */
export const LIGHT_COLOURS = [
  '#0072b2',
  '#d55e00',
  '#007a5a',
  '#a8508a',
  '#8a6500',
  '#3a86b8',
  '#5b5b5b',
  '#7b4fc9',
] as const;

/** The same ones on a dark background. */
export const DARK_COLOURS = [
  '#56a8e0',
  '#ff8f4a',
  '#3ec79a',
  '#df8fc0',
  '#e6b53c',
  '#8cc8f0',
  '#b8b8b8',
  '#b79bf5',
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
