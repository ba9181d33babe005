import { expect, test } from 'vitest';
import { beamPoints } from './item-squares.ts';

const GAP = { edge: 300, end: 352, height: 300 };

test('a beam leaves its mark for the whole of the next square, and is drawn from the edge of its own on', () => {
  // From a mark at the edge it begins as high as the mark is.
  expect(beamPoints({ right: 300, top: 40, bottom: 60 }, GAP)).toBe('0,40 52,0 52,300 0,60');
  // From further away it has opened on the way: half of the way at the edge is half of the rise.
  expect(beamPoints({ right: 248, top: 40, bottom: 60 }, GAP)).toBe('0,20 52,0 52,300 0,180');
});
