import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spreadApart } from './end-labels.ts';

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
