import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { besideOf, matchCodes, movedItems, placeBeside } from './beside.ts';
import { categoryBars } from './categories.ts';
import type { CodeTable, Labels } from './code-table.ts';
import { bucketStarts, collisions } from './collisions.ts';
import { cooccurrence, densest, transitions } from './matrices.ts';
import { gridOf } from './placement.ts';
import { prefixOrder, prefixRange } from './prefix-order.ts';
import { selectPattern } from './selection.ts';
import { levelUse, perplexityOf } from './strips.ts';
import { collapseOf, momentOf, settledOf } from './timeline.ts';
import { prefixTree, selectedInTree } from './tree.ts';

const SIZES = [4, 3, 5];

/** Catalogues with items without an ID and with collisions. */
const tables = fc
  .array(fc.option(fc.tuple(...SIZES.map((size) => fc.nat(size - 1))), { freq: 6 }), { maxLength: 60 })
  .map(
    (rows): CodeTable => ({
      levels: SIZES.length,
      codebookSizes: SIZES,
      items: rows.length,
      codes: Int32Array.from(rows.flatMap((row) => row ?? SIZES.map(() => -1))),
    }),
  );
const patterns = fc.tuple(...SIZES.map((size) => fc.option(fc.nat(size - 1))));

const idOf = ({ codes, levels }: CodeTable, item: number) => [
  ...codes.subarray(item * levels, (item + 1) * levels),
];
const known = (table: CodeTable) =>
  Array.from({ length: table.items }, (_, item) => item).filter((item) => idOf(table, item)[0] >= 0);
const all = (table: CodeTable) => ({ items: null, mask: null, count: known(table).length });
const chosen = (mask: Uint8Array | null, table: CodeTable) =>
  known(table).filter((item) => mask === null || mask[item] === 1);
const labelsOf = (table: CodeTable): Labels => ({
  names: ['a', 'b', 'c'],
  of: Int16Array.from({ length: table.items }, (_, item) => (item % 4) - 1),
});

describe('order and selection', () => {
  it('stands items in the order of their codes, and finds every prefix', () => {
    fc.assert(
      fc.property(tables, fc.array(fc.nat(4), { maxLength: 3 }), (table, prefix) => {
        const order = prefixOrder(table);
        const byCodes = known(table).sort((a, b) => {
          const [one, other] = [idOf(table, a), idOf(table, b)];
          const level = one.findIndex((code, at) => code !== other[at]);
          return level < 0 ? a - b : one[level] - other[level];
        });
        expect([...order]).toEqual(byCodes);
        const { start, end } = prefixRange(table, order, prefix);
        const fitting = byCodes.filter((item) => prefix.every((code, at) => idOf(table, item)[at] === code));
        expect([...order.subarray(start, end)]).toEqual(fitting);
      }),
    );
  });

  it('selects the items whose codes fit a pattern', () => {
    fc.assert(
      fc.property(tables, patterns, (table, pattern) => {
        const { mask, items, count } = selectPattern(table, prefixOrder(table), pattern);
        const fitting = known(table).filter((item) =>
          pattern.every((code, at) => code === null || idOf(table, item)[at] === code),
        );
        expect(chosen(mask, table)).toEqual(fitting);
        expect(count).toBe(fitting.length);
        if (items) expect([...items].sort((a, b) => a - b)).toEqual(fitting);
      }),
    );
  });
});

describe('aggregates', () => {
  it('counts the use of a level, and who dominates a code', () => {
    const table: CodeTable = {
      levels: 1,
      codebookSizes: [4],
      items: 6,
      codes: Int32Array.from([0, 0, 0, 2, -1, 2]),
    };
    const labels: Labels = { names: ['x', 'y'], of: Int16Array.from([0, 0, 1, 1, 0, -1]) };
    const use = levelUse(table, 0, Int32Array.from([5, 1, 1, 4, 9, 0]), labels);
    expect([...use.counts]).toEqual([3, 0, 2, 0]);
    expect([...use.interactions]).toEqual([7, 0, 4, 0]);
    expect([...use.dominant]).toEqual([0, -1, 1, -1]);
    expect(use.purity[0]).toBeCloseTo(2 / 3, 6);
    expect(use.purity[2]).toBe(1);
    expect(use.usage).toBe(0.5);
    expect(use.perplexity).toBeCloseTo(Math.exp(-(0.6 * Math.log(0.6) + 0.4 * Math.log(0.4))), 12);
  });

  it('has as many equally used codes for its perplexity', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (used, each) => {
        expect(perplexityOf(Int32Array.from({ length: 50 }, (_, at) => (at < used ? each : 0)))).toBeCloseTo(
          used,
        );
      }),
    );
  });

  it('sums the children of every node of the tree up to their parent', () => {
    const smallest = fc.constantFrom(0, 0.05, 0.3);
    fc.assert(
      fc.property(tables, patterns, smallest, fc.boolean(), (table, pattern, share, byWeight) => {
        const order = prefixOrder(table);
        const selected = selectPattern(table, order, pattern);
        const weights = byWeight ? Int32Array.from({ length: table.items }, (_, item) => item % 5) : null;
        const tree = prefixTree(table, order, {
          root: [],
          weights,
          labels: labelsOf(table),
          smallest: share,
        });
        const counts = selectedInTree(tree, order, selected);
        const nodes = tree.nodes.map((node, at) => ({ ...node, selected: counts[at] }));
        expect(nodes[0].items).toBe(order.length);
        expect(nodes[0].selected).toBe(selected.count);
        for (const { start, end } of tree.ranges.filter((range) => range !== null)) {
          const items = [...order.subarray(start, end)];
          const at = tree.ranges.findIndex((range) => range?.start === start && range.end === end);
          const chosenItems = items.filter((item) => selected.mask === null || selected.mask[item] === 1);
          expect(counts[at]).toBe(chosenItems.length);
        }
        for (const [at, node] of nodes.entries()) {
          const children = nodes.filter(({ parent }) => parent === at);
          if (children.length === 0) {
            expect(node.depth === table.levels || node.code === -1 || node.items === 0).toBe(true);
            continue;
          }
          for (const key of ['items', 'weight', 'selected'] as const) {
            expect(children.reduce((sum, child) => sum + child[key], 0)).toBe(node[key]);
          }
          const large = children.filter(({ code }) => code >= 0).map(({ weight }) => weight);
          expect(large).toEqual([...large].sort((a, b) => b - a));
          expect(large.every((weight) => weight >= share * nodes[0].weight)).toBe(true);
        }
      }),
    );
  });

  it('counts categories by the next code, the rest as one row', () => {
    fc.assert(
      fc.property(tables, patterns, fc.integer({ min: 1, max: 3 }), (table, pattern, most) => {
        const labels = labelsOf(table);
        const selected = selectPattern(table, prefixOrder(table), pattern);
        const { rows, total } = categoryBars(table, labels, selected, 0, most);
        const items = chosen(selected.mask, table);
        expect(total.items).toBe(items.length);
        expect(total.counts).toEqual(
          labels.names.map((_, kind) => items.filter((item) => labels.of[item] === kind).length),
        );
        expect(rows.reduce((sum, row) => sum + row.items, 0)).toBe(items.length);
        for (const { code, items: size } of rows.filter((row) => row.code >= 0)) {
          expect(size).toBe(items.filter((item) => idOf(table, item)[0] === code).length);
        }
      }),
    );
  });

  it('finds the buckets of equal IDs', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const order = prefixOrder(table);
        const found = collisions(order, bucketStarts(table, order), all(table));
        const groups = Object.values(Object.groupBy(known(table), (item) => idOf(table, item).join()));
        expect(found.unique).toBe(groups.length);
        const large = groups.filter((group) => group && group.length > 1);
        expect(found.colliding).toBe(large.reduce((sum, group) => sum + (group?.length ?? 0), 0));
        const sizes = found.buckets.map(({ start, end }) => end - start);
        expect(sizes).toEqual(large.map((group) => group?.length ?? 0).sort((a, b) => b - a));
      }),
    );
  });

  it('counts pairs of codes, and of codes that follow each other', () => {
    fc.assert(
      fc.property(tables, patterns, (table, pattern) => {
        const selected = selectPattern(table, prefixOrder(table), pattern);
        const { mask } = selected;
        const items = chosen(mask, table);
        const pairs = cooccurrence(table, 0, 2, selected);
        const ids = items.map((item) => idOf(table, item));
        for (const [at, count] of pairs.entries()) {
          const [down, across] = [Math.floor(at / SIZES[2]), at % SIZES[2]];
          expect(count).toBe(ids.filter((id) => id[0] === down && id[2] === across).length);
        }
        const half = Math.floor(table.items / 2);
        const sequences = {
          users: 2,
          offsets: Int32Array.from([0, half, table.items]),
          itemIds: Int32Array.from({ length: table.items }, (_, item) => item),
        };
        const follows = transitions(table, 1, sequences, selected);
        const steps = items.filter(
          (item) => item + 1 < table.items && item + 1 !== half && idOf(table, item + 1)[0] >= 0,
        );
        expect(follows.reduce((sum, count) => sum + count, 0)).toBe(steps.length);
        for (const item of steps) {
          expect(follows[idOf(table, item)[1] * SIZES[1] + idOf(table, item + 1)[1]]).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('keeps the densest rows and columns of a matrix', () => {
    const counts = Int32Array.from([0, 1, 0, 5, 7, 0, 0, 2, 0]);
    const { rows, columns, counts: kept, total, usedRows } = densest(counts, 3, 2, (code) => code);
    expect(rows).toEqual([1, 2]);
    expect(columns).toEqual([0, 1]);
    expect([...kept]).toEqual([5, 7, 0, 2]);
    expect([total, usedRows]).toEqual([15, 3]);
  });
});

describe('two tokenisers', () => {
  it('have moved nothing where only the names of codes differ', () => {
    fc.assert(
      fc.property(tables, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (table, names) => {
        const renamed = {
          ...table,
          codes: table.codes.map((code, at) => (at % table.levels === 0 && code >= 0 ? names[code] : code)),
        };
        const partner = matchCodes(table, renamed);
        const beside = besideOf(table, renamed);
        expect(beside.moved).toBe(0);
        expect(beside.items).toBe(known(table).length);
        expect(beside.pairs.reduce((sum, [, , items]) => sum + items, 0)).toBe(known(table).length);
        // Codes that have the same items stand in the same cells, and every code in a cell of its own.
        const cells = Array.from({ length: SIZES[0] }, (_, code) => (code + 1) % SIZES[0]);
        const placed = placeBeside(beside, cells, gridOf(SIZES[0]));
        for (const [code, match] of beside.pairs) expect(placed[match]).toBe(cells[code]);
        expect([...placed].sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
        expect([...movedItems(table, renamed, partner, all(table))]).toEqual([]);
      }),
    );
  });

  it('have moved the items that left the largest overlap', () => {
    const one: CodeTable = {
      levels: 1,
      codebookSizes: [2],
      items: 5,
      codes: Int32Array.from([0, 0, 0, 1, 1]),
    };
    const other: CodeTable = { ...one, codes: Int32Array.from([1, 1, 0, 0, 0]) };
    const partner = matchCodes(one, other);
    expect([...partner]).toEqual([1, 0]);
    expect([...movedItems(one, other, partner, all(one))]).toEqual([2]);
    expect(besideOf(one, other)).toEqual({
      one: [3, 2],
      other: [3, 2],
      pairs: [
        [0, 0, 1],
        [0, 1, 2],
        [1, 0, 2],
      ],
      items: 5,
      moved: 1,
    });
  });
});

describe('the moment from which codes are settled', () => {
  const moments = (...changes: (number | null)[]) =>
    changes.map((changed) => ({ collisionRate: 0, levels: [{ usage: 1, perplexity: 1, changed }] }));

  it('is the last one that changed many, if any came after it', () => {
    expect(settledOf(moments(null, 0.6, 0.2, 0.02, 0.01))).toEqual({ at: 2, changed: 0.02 });
    expect(settledOf(moments(null, 0.01))).toEqual({ at: 0, changed: 0.01 });
    expect(settledOf(moments(null, 0.01, 0.3))).toBeNull();
    expect(settledOf(moments(null))).toBeNull();
    expect(settledOf([])).toBeNull();
  });
});

describe('time', () => {
  it('tells usage, collisions and what changed since the moment before', () => {
    const before: CodeTable = {
      levels: 1,
      codebookSizes: [4],
      items: 4,
      codes: Int32Array.from([0, 1, 2, 3]),
    };
    const now: CodeTable = { ...before, codes: Int32Array.from([0, 0, 2, 3]) };
    expect(momentOf(before, null)).toEqual({
      levels: [{ usage: 1, perplexity: expect.closeTo(4), changed: null }],
      collisionRate: 0,
    });
    expect(momentOf(now, before)).toMatchObject({
      levels: [{ usage: 0.75, changed: 0.25 }],
      collisionRate: 0.25,
    });
  });

  it('marks the moment of the largest fall, and none in a steady run', () => {
    const moments = (...perplexities: number[]) =>
      perplexities.map((perplexity) => ({
        levels: [{ usage: 1, perplexity, changed: null }],
        collisionRate: 0,
      }));
    expect(collapseOf(moments(100, 120, 40, 30))).toBe(2);
    expect(collapseOf(moments(100, 95, 92))).toBeNull();
  });
});
