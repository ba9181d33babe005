import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Box, placeLabels, spreadApart } from './labels.ts';

it('keeps places that are far enough apart, and moves others as little as it must', () => {
  expect(spreadApart([40, 10], 15, 0, 100)).toEqual([40, 10]);
  expect(spreadApart([50, 52], 15, 0, 100)).toEqual([50, 65]);
  expect(spreadApart([98, 99, 97], 15, 0, 100)).toEqual([85, 100, 70]);
});

it('leaves the gap between all, in their order, within the room there is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 20 }), (wanted) => {
      const places = spreadApart(wanted, 15, 0, 300);
      const order = wanted.map((_, at) => at).sort((a, b) => wanted[a] - wanted[b]);
      for (const [i, at] of order.entries()) {
        expect(places[at]).toBeGreaterThanOrEqual(0);
        expect(places[at]).toBeLessThanOrEqual(300);
        if (i > 0) expect(places[at] - places[order[i - 1]]).toBeGreaterThanOrEqual(15);
      }
    }),
  );
});

const FRAME = { left: 0, top: 0, right: 400, bottom: 200 };

const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

it('a name stands at the right of its point, and at the left where the frame ends', () => {
  const [free, last] = placeLabels(
    [
      { x: 50, y: 100 },
      { x: 390, y: 100 },
    ],
    [80, 80],
    FRAME,
  );
  expect(free.left).toBeGreaterThan(50);
  expect(last.right).toBeLessThan(390);
});

it('names of points close together print over neither each other nor a point', () => {
  const points = [
    { x: 200, y: 100 },
    { x: 206, y: 104 },
    { x: 290, y: 97 },
    { x: 210, y: 120 },
  ];
  const boxes = placeLabels(points, [110, 110, 110, 110], FRAME);
  for (const [at, box] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) expect(meet(box, other)).toBe(false);
    for (const { x, y } of points) {
      expect(meet(box, { left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 })).toBe(false);
    }
  }
});
