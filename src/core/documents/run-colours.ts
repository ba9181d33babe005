/**
 * Colours of runs: lapis, gold, umber, sky, malachite, cinnabar, amethyst, rose. Any two are at least 8.6 apart in
 * OKLab (times 100) for every kind of colour vision, and 3.2:1 against the background of their theme. The last one is
 * the grey of trivial baselines, which are always named beside it. A model keeps its colour everywhere, in the window
 * and in reports.
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
  '#8d8e86',
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
  '#85867e',
] as const;

/** Indexes that every colour has one of, those of repeated colours not counted. */
export const COLOURS = LIGHT_COLOURS.length;
const GREY = COLOURS - 1;

/** What is often compared with each other, far apart: where two share a colour, the first one keeps it. */
const MODELS: Record<string, number> = {
  hstu: 0,
  itemknn: 1,
  sasrec: 2,
  esasrec: 3,
  tiger: 4,
  liger: 5,
  rpg: 6,
  'fuxi-alpha': 7,
  popularity: GREY,
  ease: 3,
  'fuxi-beta': 5,
  bprmf: 5,
  gru4rec: 6,
};

/** A run with the model that gives it its colour. */
export interface Coloured {
  id: string;
  model: string;
}

/** The colour of a model. */
export function colourIndex(model: string): number {
  if (Object.hasOwn(MODELS, model)) return MODELS[model];
  let hash = 0;
  for (const character of model) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % GREY;
}

/**
 * Colours of several runs shown together, by their ids: each its model's, or the next free one where two would share
 * it; the first run of a model that is often compared has its own before others. Beyond the eighth run they repeat as
 * `COLOURS` and more.
 */
export function colourIndexes(runs: readonly Coloured[]): Map<string, number> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const inOrder = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const chosen = new Map<string, number>();
  const taken = new Set<number>();
  for (const [model, index] of Object.entries(MODELS)) {
    const first = inOrder.find((run) => run.model === model);
    if (!first || taken.has(index)) continue;
    chosen.set(first.id, index);
    taken.add(index);
  }
  const others = inOrder.filter(({ id }) => !chosen.has(id));
  for (const { id, model } of others) {
    const preferred = colourIndex(model);
    const around = Array.from({ length: GREY }, (_, step) => (preferred + step) % GREY);
    const free = [preferred, ...around].find((index) => !taken.has(index));
    chosen.set(id, free ?? preferred + COLOURS);
    taken.add(free ?? preferred);
  }
  return chosen;
}
