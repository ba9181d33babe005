/**
 * Colours of runs: lapis, gold, umber, sky, malachite, cinnabar, amethyst, rose. Any two are at least 8.6 apart in
 * OKLab (times 100) for every kind of colour vision, and 3.2:1 against the background of their theme. A run keeps its
 * colour everywhere, in the window and in reports.
 */
export const LIGHT_COLOURS = [
  '#333f8a',
  '#a38400',
  '#712000',
  '#4196d5',
  '#267255',
  '#bc2400',
  '#7a52da',
  '#cd4794',
] as const;

/** The same ones on a dark background. */
export const DARK_COLOURS = [
  '#5769d4',
  '#fbd661',
  '#a56954',
  '#279eed',
  '#7adbb1',
  '#ef8770',
  '#c2b4fe',
  '#d25f9d',
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
