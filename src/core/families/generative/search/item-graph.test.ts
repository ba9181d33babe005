import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CancelledError } from '../../../errors.ts';
import { Random } from '../../../math/random.ts';
import { dot, unitRows } from '../../../math/rows.ts';
import type { ReportDone } from '../../../training/progress.ts';
import { tokenLevels } from '../code-tokens.ts';
import type { ListerOptions } from '../generative-model.ts';
import { DigitLister, type DigitModel } from './digit-lister.ts';
import { highest, ItemDigits, ItemGraph, similarItems } from './item-graph.ts';

const SIZES = [3, 4, 2];
const STARTS = [0, 3, 7, 9];
const DIM = 5;

/** Items with random codes, every third without an ID, and vectors of the codes. */
function catalogue(seed: number, count: number) {
  const random = new Random(seed);
  const levels = tokenLevels(SIZES);
  const items = Int32Array.from({ length: count }, (_, item) => item).filter((item) => item % 3 !== 1);
  const tokens = new Int32Array(count * SIZES.length);
  for (const item of items) {
    SIZES.forEach((size, level) => {
      tokens[item * SIZES.length + level] = levels.starts[level] + random.below(size);
    });
  }
  const vectors = Float32Array.from({ length: STARTS[3] * DIM }, () => random.normal());
  const digits = new ItemDigits({ tokens, levels }, items);
  return { digits, items, vectors };
}

test('the highest scores are the first of all in order, equal ones by their place', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 30 }), fc.nat(35), (values, k) => {
      const scores = Float64Array.from(values, (value) => (value === -3 ? Number.NEGATIVE_INFINITY : value));
      const order = [...scores.keys()].filter((at) => scores[at] > Number.NEGATIVE_INFINITY);
      expect([...highest(scores, k)]).toEqual(
        order.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, k),
      );
    }),
  );
});

test('similar items are those whose codes have the nearest directions, the item itself first', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 4, max: 40 }), (seed, count) => {
      const { digits, items, vectors } = catalogue(seed, count);
      const unit = unitRows(vectors, DIM);
      const similarity = (a: number, b: number) =>
        SIZES.reduce(
          (sum, _, level) =>
            sum + dot(unit, digits.digit(a, level) * DIM, unit, digits.digit(b, level) * DIM, DIM),
          0,
        );
      const making = similarItems(digits, vectors, STARTS, 3);
      // One pause a place.
      for (const [place] of items.entries()) expect(making.next()).toEqual({ done: false, value: place });
      const neighbours = making.next().value as Int32Array;
      const width = Math.min(3, items.length);
      items.forEach((_, place) => {
        const own = [...neighbours.subarray(place * width, (place + 1) * width)];
        expect(own[0]).toBe(place);
        const least = Math.min(...own.map((other) => similarity(place, other)));
        items.forEach((_, other) => {
          if (!own.includes(other)) expect(similarity(place, other)).toBeLessThan(least + 1e-5);
        });
      });
    }),
    { numRuns: 30 },
  );
});

test('a search of few beams finds the best item by way of better and better ones, and always the same', () => {
  // Neighbours in a circle: the score rises towards one of them.
  const count = 60;
  const best = 17;
  const away = (place: number) => Math.min((place - best + count) % count, (best - place + count) % count);
  const neighbours = Int32Array.from(
    { length: count * 5 },
    (_, at) => (Math.floor(at / 5) + (at % 5) - 2 + count) % count,
  );
  const nearestStart = (stream: number) => {
    const drawn = new Random(stream);
    const first = new Set<number>();
    while (first.size < 4) first.add(drawn.below(count));
    return [...first].sort((a, b) => away(a) - away(b))[0];
  };
  const graph = new ItemGraph(neighbours, count);
  const search = (steps: number, stream: number) =>
    graph.search({ beams: 4, steps }, (place) => -away(place), new Random(stream));
  for (let stream = 0; stream < 20; stream++) {
    const { places, scores } = search(20, stream);
    expect(places[highest(scores, 1)[0]]).toBe(best);
    expect([...places]).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(search(20, stream)).toEqual({ places, scores });
    // A step leads two places on.
    expect(-Math.max(...search(3, stream).scores)).toBe(Math.max(0, away(nearestStart(stream)) - 6));
  }
});

/** A lister of a model with the vectors that the device has then. */
function listerOf(model: DigitModel, count: number, read: (vectors: Float32Array) => Float32Array) {
  const { digits, items, vectors } = catalogue(3, count);
  const levels = tokenLevels(SIZES);
  const tokens = new Int32Array(count * SIZES.length);
  items.forEach((item, place) => {
    for (const level of SIZES.keys()) tokens[item * SIZES.length + level] = digits.digit(place, level) + 1;
  });
  const options = {
    device: { read: async () => ({ codes: read(vectors) }) },
    catalogue: { tokens: { tokens, levels }, named: items },
  } as unknown as ListerOptions;
  return new DigitLister(model, options, { edges: 3, beams: 2, steps: 1 });
}

const digitModel = () => ({ codeVectors: 'codes', parameters: {} }) as DigitModel;

test('a graph of many items is made beside other work, and left when nobody waits for it', async () => {
  const lister = listerOf(digitModel(), 30_000, (vectors) => vectors);
  const began = performance.now();
  await expect(lister.prepare({ signal: AbortSignal.timeout(200) })).rejects.toThrow(CancelledError);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a graph of many items says how many of them are done, and a small one nothing', async () => {
  const saidOf = async (count: number) => {
    const said: Parameters<ReportDone>[] = [];
    await listerOf(digitModel(), count, (vectors) => vectors).prepare({
      onProgress: (...progress) => said.push(progress),
    });
    return said;
  };
  const said = await saidOf(9000);
  expect(said.length).toBeGreaterThan(2);
  const done = said.map(([one]) => one);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(said.map(([, total, unit]) => `${total} ${unit}`)).toEqual(
    said.map(() => '6000 items of the item graph'),
  );
  expect(said.at(-1)?.[0]).toBe(6000);
  expect(await saidOf(30)).toEqual([]);
});

test('validation and test of the same vectors share a graph, and others have their own', async () => {
  const model = digitModel();
  const count = 2000;
  await listerOf(model, count, (vectors) => vectors).prepare();
  // Nothing is made, so that nobody looks at the signal.
  await listerOf(model, count, (vectors) => vectors.slice()).prepare({ signal: AbortSignal.abort() });
  const other = listerOf(model, count, (vectors) => vectors.map((value, at) => (at === 0 ? -value : value)));
  await expect(other.prepare({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
});
