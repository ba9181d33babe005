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

/** What is often compared with each other, far apart. */
const MODELS: Record<string, number> = {
  hstu: 0,
  itemknn: 1,
  sasrec: 2,
  ease: 3,
  tiger: 4,
  bprmf: 5,
  gru4rec: 6,
  'fuxi-alpha': 7,
  popularity: GREY,
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
 * it; the first run of a model that is often compared always has its own. Beyond the eighth run they repeat as
 * `COLOURS` and more.
 */
export function colourIndexes(runs: readonly Coloured[]): Map<string, number> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const inOrder = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const firsts = new Map(inOrder.toReversed().map((run) => [run.model, run]));
  const keeps = (run: Coloured) => Object.hasOwn(MODELS, run.model) && firsts.get(run.model) === run;
  const [keeping, others] = [inOrder.filter(keeps), inOrder.filter((run) => !keeps(run))];
  const chosen = new Map(keeping.map(({ id, model }) => [id, colourIndex(model)]));
  const taken = new Set(chosen.values());
  for (const { id, model } of others) {
    const own = colourIndex(model);
    const around = Array.from({ length: GREY }, (_, step) => (own + step) % GREY);
    const free = [own, ...around].find((index) => !taken.has(index));
    chosen.set(id, free ?? own + COLOURS);
    taken.add(free ?? own);
  }
  return chosen;
}
