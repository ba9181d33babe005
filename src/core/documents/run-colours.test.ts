import { expect, it } from 'vitest';
import { COLOURS, colourIndex, colourIndexes, DARK_COLOURS, LIGHT_COLOURS } from './run-colours.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (matrix: Matrix, vector: Triple): Triple => [
  dot(matrix[0], vector),
  dot(matrix[1], vector),
  dot(matrix[2], vector),
];

/** "#rrggbb" in linear light. */
function linear(hex: string): Triple {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

/** How people without one kind of cones see, in linear light: Machado, Oliveira and Fernandes 2009, severity 1. */
const SIGHTS: Record<string, Matrix> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** OKLab (Ottosson 2020) of linear light. */
function oklab(rgb: Triple): Triple {
  const clipped = rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    clipped,
  ).map(Math.cbrt) as unknown as Triple;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

function closest(colours: readonly string[], sight: Matrix | null): number {
  const seen = colours.map((hex) => oklab(sight ? times(sight, linear(hex)) : linear(hex)));
  const pairs = seen.flatMap((a, at) =>
    seen.slice(at + 1).map((b) => Math.hypot(...a.map((x, i) => x - b[i]))),
  );
  return Math.min(...pairs);
}

const luminance = (hex: string) => dot([0.2126, 0.7152, 0.0722], linear(hex));

it.each([
  ['light', LIGHT_COLOURS.slice(0, 8), '#ffffff'],
  ['dark', DARK_COLOURS.slice(0, 8), '#151614'],
])(
  'no two colours of the %s theme are alike, to any eye, and all stand out',
  (_theme, colours, background) => {
    expect(closest(colours, null)).toBeGreaterThan(0.1);
    for (const sight of Object.values(SIGHTS)) expect(closest(colours, sight)).toBeGreaterThan(0.055);
    for (const colour of colours) {
      const [low, high] = [luminance(colour), luminance(background)].sort((a, b) => a - b);
      // As WCAG 2.1, 1.4.11 asks of graphics.
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(3);
    }
  },
);

it('eight runs of one model have eight colours, beside another model they are variants', () => {
  const runs = Array.from({ length: 8 }, (_, at) => ({ id: `run ${at}`, model: 'sasrec' }));
  const alone = colourIndexes(runs);
  expect(new Set(alone.values()).size).toBe(8);
  expect(Math.max(...alone.values())).toBeLessThan(COLOURS - 1);
  expect(alone.get('run 0')).toBe(colourIndex('sasrec'));
  const beside = colourIndexes([...runs, { id: 'run 9', model: 'tiger' }]);
  expect([...beside.values()]).toEqual([
    colourIndex('sasrec'),
    ...Array(7).fill(colourIndex('sasrec') + COLOURS),
    colourIndex('tiger'),
  ]);
});

it('models that are set beside each other have colours of their own, variants those of others', () => {
  const models = ['popularity', 'itemknn', 'sasrec', 'esasrec', 'hstu', 'fuxi-alpha', 'tiger', 'ease', 'rpg'];
  expect(new Set(models.map(colourIndex)).size).toBe(models.length);
  expect(Math.max(...models.map(colourIndex))).toBeLessThan(COLOURS);
  for (const variant of ['gru4rec', 'dlrm', 'a model of tomorrow'])
    expect(colourIndex(variant)).toBeGreaterThanOrEqual(COLOURS);
});

it('a model keeps its colour whatever it is shown beside', () => {
  const models = ['dlrm', 'bprmf', 'ease', 'liger', 'tiger', 'gru4rec', 'sasrec'];
  const indexes = colourIndexes(models.map((model, at) => ({ id: `run ${at}`, model })));
  expect([...models.keys()].map((at) => indexes.get(`run ${at}`))).toEqual(models.map(colourIndex));
  const twice = colourIndexes([
    { id: 'a', model: 'ease' },
    { id: 'b', model: 'ease' },
    { id: 'c', model: 'esasrec' },
  ]);
  expect([twice.get('a'), twice.get('c')]).toEqual([colourIndex('ease'), colourIndex('esasrec')]);
  expect(twice.get('b')).toBe(colourIndex('ease') + COLOURS);
});
