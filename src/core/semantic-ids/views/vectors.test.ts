import { describe, expect, it } from 'vitest';
import { madeCatalogue } from '../../../../test/semantic-ids/catalogue.ts';
import { Random } from '../../math/random.ts';
import { nearestByPrefix, nearestByVector, sharedPrefix } from './neighbours.ts';
import { prefixOrder } from './prefix-order.ts';
import { principalComponents, projectAll } from './projection.ts';
import { deadCodes, meanCodebooks, residualNorms, residualsOf } from './residuals.ts';
import { levelUse } from './strips.ts';

const made = madeCatalogue({ items: 300, codes: 8, dim: 6, kinds: 4, dead: 0.25, without: 0.05, seed: 3 });
const { ids, vectors, codebooks } = made;
const order = prefixOrder(ids);
const distance = (one: number, other: number) =>
  Math.hypot(
    ...Array.from({ length: 6 }, (_, at) => vectors.data[one * 6 + at] - vectors.data[other * 6 + at]),
  );

describe('residuals', () => {
  it('are what the codes leave of a vector', () => {
    const quantiser = { vectors, codebooks };
    const item = order[7];
    const [first, second] = [ids.codes[item * 3], ids.codes[item * 3 + 1]];
    const residual = residualsOf(ids, quantiser, Int32Array.of(item), 2).data;
    for (let at = 0; at < 6; at++) {
      const left = vectors.data[item * 6 + at] - codebooks[0][first * 6 + at] - codebooks[1][second * 6 + at];
      expect(residual[at]).toBeCloseTo(left, 5);
    }
    const norms = residualNorms(ids, quantiser, item);
    expect(norms).toHaveLength(4);
    expect(norms[2]).toBeCloseTo(Math.hypot(...residual), 5);
    expect(norms[3]).toBeLessThan(0.5);
  });

  it('have no mean left in any code where the codes are means', () => {
    const means = meanCodebooks(ids, vectors);
    const quantiser = { vectors, codebooks: means };
    for (let level = 0; level < 3; level++) {
      const left = residualsOf(ids, quantiser, order, level).data;
      for (let code = 0; code < 8; code++) {
        const own = [...order.keys()].filter((at) => ids.codes[order[at] * 3 + level] === code);
        for (let at = 0; at < 6 && own.length > 0; at++) {
          const sum = own.reduce((total, row) => total + left[row * 6 + at] - means[level][code * 6 + at], 0);
          expect(sum / own.length).toBeCloseTo(0, 4);
        }
      }
    }
  });

  it('tell how far a dead code is from the nearest of them', () => {
    const { counts } = levelUse(ids, 0, new Int32Array(300), null);
    const dead = deadCodes(ids, { vectors, codebooks }, 0, counts, order);
    expect(dead.map(({ code }) => code)).toEqual([6, 7]);
    for (const { code, distance: found, item, taken } of dead) {
      const book = (other: number, at: number) => codebooks[0][other * 6 + at];
      const to = (known: number, other: number) =>
        Math.hypot(...Array.from({ length: 6 }, (_, at) => vectors.data[known * 6 + at] - book(other, at)));
      expect(found).toBeCloseTo(Math.min(...[...order].map((known) => to(known, code))), 4);
      expect(found).toBeCloseTo(to(item, code), 4);
      expect(taken).toBeCloseTo(to(item, ids.codes[item * 3]), 4);
    }
  });
});

describe('neighbours', () => {
  it('by vector are the nearest of all items with an ID', () => {
    const item = order[40];
    const wanted = [...order]
      .filter((other) => other !== item)
      .sort((a, b) => distance(item, a) - distance(item, b));
    const found = nearestByVector(ids, vectors, item, 8);
    expect(found.map(({ item: other }) => other)).toEqual(wanted.slice(0, 8));
    expect(found[0].distance).toBeCloseTo(distance(item, wanted[0]), 4);
  });

  it('by prefix share most codes, the nearest vectors first among equals', () => {
    for (const item of order.subarray(0, 60)) {
      const wanted = [...order]
        .filter((other) => other !== item)
        .sort(
          (a, b) =>
            sharedPrefix(ids, item, b) - sharedPrefix(ids, item, a) || distance(item, a) - distance(item, b),
        );
      const found = nearestByPrefix(ids, order, vectors, item, 12);
      expect(found.map(({ item: other }) => other)).toEqual(wanted.slice(0, 12));
    }
  });
});

describe('principal components', () => {
  it('are the axes of most variance', () => {
    const random = new Random(9, 0, 'axes');
    const deviations = [1, 5, 0.2, 3];
    const data = Float32Array.from({ length: 4_000 }, (_, at) => 7 + deviations[at % 4] * random.normal());
    const flat = { items: 1_000, dim: 4, data };
    const { axes, mean } = principalComponents(flat, 2);
    expect(Math.abs(axes[0][1])).toBeGreaterThan(0.99);
    expect(Math.abs(axes[1][3])).toBeGreaterThan(0.99);
    expect(mean[2]).toBeCloseTo(7, 1);
    const points = projectAll({ axes, mean }, flat);
    expect(points.reduce((sum, value) => sum + value, 0) / points.length).toBeCloseTo(0, 3);
  });
});
