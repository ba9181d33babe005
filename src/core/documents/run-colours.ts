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

/** The CSS of a colour of the charts on a page, which a repeated one has as well. */
export const colourVariable = (colour: number): string => `var(--c${colour % COLOURS})`;

/** Models that are set beside each other have a colour each. */
const MODELS: Record<string, number> = {
  ...{
    hstu: 0,
    itemknn: 1,
    sasrec: 2,
    ease: 3,
    tiger: 4,
    esasrec: 5,
    rpg: 6,
    'fuxi-alpha': 7,
    popularity: GREY,
  },
};

/** What is a variant of another model, or is seldom compared with it, shares its colour, and is drawn half-cut or dashed. */
const VARIANTS: Record<string, number> = {
  ...{
    bert4rec: 0,
    'content-knn': 1,
    gru4rec: 2,
    bprmf: 3,
    dlrm: 3,
    liger: 4,
    llama: 5,
    narm: 6,
    'fuxi-beta': 7,
    'fuxi-linear': 7,
  },
};

/** A run with the model that gives it its colour. */
export interface Coloured {
  id: string;
  model: string | null;
}

/** The colour of a model, grey where that is not known; of a variant `COLOURS` and more. */
export function colourIndex(named: string | null): number {
  if (named === null) return GREY + COLOURS;
  // Other programs write "BERT4Rec".
  const model = named.toLowerCase();
  if (Object.hasOwn(MODELS, model)) return MODELS[model];
  if (Object.hasOwn(VARIANTS, model)) return VARIANTS[model] + COLOURS;
  let hash = 0;
  for (const character of model) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return (hash % GREY) + COLOURS;
}

/**
 * Colours of several runs shown together, by their ids: the first run of a model has its model's, whatever it is shown
 * beside, and further ones are variants of it. Runs of one model alone have free colours, which tell them apart, and beyond
 * the eighth run repeat as `COLOURS` and more.
 */
export function colourIndexes(runs: readonly Coloured[]): Map<string, number> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const inOrder = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const first = new Map(inOrder.toReversed().map((run) => [run.model, run]));
  const isFirst = (run: Coloured) => first.get(run.model) === run;
  return new Map(
    inOrder.map((run, at) => {
      const own = colourIndex(run.model);
      if (isFirst(run)) return [run.id, own];
      const free = first.size === 1 && at < GREY && own % COLOURS !== GREY;
      return [run.id, free ? (own + at) % GREY : (own % COLOURS) + COLOURS];
    }),
  );
}
