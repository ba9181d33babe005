import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { free } from '../../../../test/engine/memory-limits.ts';
import type { OptimiserConfig } from '../optimisers.ts';
import { RowSlots } from './slots.ts';
import { HostTable, type IdBags } from './table.ts';
import { HostTables } from './tables.ts';

const config: OptimiserConfig = {
  optimiser: 'rowwise-adagrad',
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
};

const [ROWS, DIM] = [37, 3];

const bags: fc.Arbitrary<IdBags> = fc
  .array(fc.array(fc.nat(ROWS - 1), { maxLength: 5 }), { minLength: 1, maxLength: 9 })
  .map((lists) => ({
    ids: Int32Array.from(lists.flat()),
    offsets: Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]),
    scales: Float32Array.from(lists, (list) => 1 / Math.max(1, list.length)),
  }));

function table(chunkBytes?: number): HostTable {
  const made = new HostTable(ROWS, DIM, config, chunkBytes);
  made.weights.fill(Float32Array.from({ length: ROWS * DIM }, (_, k) => Math.sin(k)));
  return made;
}

describe('a host table', () => {
  it('gives and updates the same rows in one chunk as in many', () => {
    fc.assert(
      fc.property(fc.array(bags, { minLength: 1, maxLength: 4 }), (batches) => {
        const [whole, parts] = [table(), table(4 * 4 * DIM)];
        expect(parts.weights.chunks.length).toBe(10);
        for (const batch of batches) {
          const placement = { offset: 1, stride: DIM + 2 };
          const size = 1 + (batch.offsets.length - 1) * placement.stride;
          const [a, b] = [new Float32Array(size), new Float32Array(size)];
          whole.pool(batch, a, placement);
          parts.pool(batch, b, placement);
          expect(b).toEqual(a);
          for (const one of [whole, parts]) {
            one.accumulate(batch, a, placement);
            one.update({ stepSize: 0.1, epsilon: 1e-8, decay: 0 });
          }
        }
        expect(parts.weights.toArray()).toEqual(whole.weights.toArray());
        expect(parts.slots.v.toArray()).toEqual(whole.slots.v.toArray());
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the gradients of every row of a step, however many it sees', () => {
    const rows = 1000;
    const large = new HostTable(rows, DIM, config);
    const ids = Int32Array.from({ length: rows }, (_, row) => (row * 7) % rows);
    const gradients = Float32Array.from({ length: rows * DIM }, (_, at) => 1 + at);
    const bags = { ids, offsets: Int32Array.from({ length: rows + 1 }, (_, bag) => bag) };
    large.accumulate(bags, gradients, { offset: 0, stride: DIM });
    expect(large.pending).toEqual({ ids, gradients });
  });

  it('refuses rows that it does not have', () => {
    const outside = { ids: Int32Array.of(ROWS), offsets: Int32Array.of(0, 1) };
    expect(() => table().pool(outside, new Float32Array(DIM), { offset: 0, stride: DIM })).toThrow(
      `row ${ROWS} of a table of ${ROWS} rows`,
    );
  });

  it('leaves the rows that a step did not see as they were', () => {
    const one = table();
    const before = one.weights.toArray();
    one.accumulate({ ids: Int32Array.of(5, 5), offsets: Int32Array.of(0, 2) }, Float32Array.of(1, 2, 3), {
      offset: 0,
      stride: DIM,
    });
    one.update({ stepSize: 0.1, epsilon: 1e-8, decay: 0 });
    const after = one.weights.toArray();
    const changed = [...after.keys()].filter((k) => after[k] !== before[k]);
    expect(changed).toEqual([15, 16, 17]);
  });
});

describe('slots of rows', () => {
  it('are those of a map in order of arrival, also after growing and clearing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 400 }), fc.nat(400), (ids, cleared) => {
        const slots = new RowSlots();
        for (const id of ids.slice(0, cleared)) slots.slotOf(id * 65536);
        slots.clear();
        const known = new Map<number, number>();
        for (const id of ids) {
          if (!known.has(id)) known.set(id, known.size);
          expect(slots.slotOf(id)).toBe(known.get(id));
        }
        expect([...slots.ids]).toEqual([...known.keys()]);
      }),
    );
  });
});

describe('memory for host tables', () => {
  const sizes = { items: { rows: 10_000_000, dim: 64 } };

  it('is asked for before it is taken: lazy Adam says what it needs and what would do', () => {
    expect(() => new HostTables(sizes, { ...config, optimiser: 'lazy-adam' }, free(4 * 2 ** 30))).toThrow(
      'the embedding tables need 7.2 GiB of memory (2.4 GiB for the vectors, 4.8 GiB for lazy-adam), and 4.0 GiB are free; ' +
        'optimiser=rowwise-adagrad needs 2.4 GiB',
    );
    expect(() => new HostTables(sizes, config, free(2 ** 30))).toThrow('hash the ids to fewer rows');
  });

  it('is not the only reason to refuse: momentum, clipping and decay would touch every row', () => {
    for (const key of ['momentum', 'clipNorm', 'weightDecay']) {
      expect(() => new HostTables({ a: { rows: 1, dim: 1 } }, { ...config, [key]: 0.5 })).toThrow(`"${key}"`);
    }
  });
});
