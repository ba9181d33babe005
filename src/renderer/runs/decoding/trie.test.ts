import { expect, test } from 'vitest';
import type { DecodingTrie } from '../../../core/api/beam-tree.ts';
import type { ChartColours } from '../../charts/colours.ts';
import { beamsAt, firstLeaf, followingAt, leavesOf, pathThrough } from './trie-path.ts';
import { beamOfMark, trieHeight, trieScene } from './trie-scene.ts';

const node = (
  parent: number | null,
  level: number,
  code: number,
  place: number | null,
  onTargetPath = false,
) => ({
  ...{ parent, level, code, place, onTargetPath, probability: 0.5, prefixProbability: 0.25, items: [] },
});
const after = (...codes: number[]) => ({
  ...{ codes, probabilities: codes.map(() => 1 / codes.length), leftOut: 0.1 },
});
const trie: DecodingTrie = {
  ...{
    run: 'r',
    user: 'u',
    levels: 2,
    beams: 3,
    semantic: 2,
    sizes: [4, 256],
    target: null,
    history: [],
    read: 0,
  },
  nodes: [
    node(null, 1, 2, 1),
    node(null, 1, 0, 2),
    node(0, 2, 40, 2),
    node(1, 2, 7, 1, true),
    node(0, 2, 41, 3),
    node(1, 2, 9, null),
  ],
  first: after(0, 2, 3),
  after: [after(40, 41, 200), after(7, 9), null, null, null, null],
};
const colours = new Proxy({}, { get: () => '#808080' }) as ChartColours;
const size = { width: 900, height: trieHeight(trie, 900) };

test('the way to an ID goes from its first code on, and on along the best beams', () => {
  expect(leavesOf(trie)).toEqual([3, 2, 4]);
  expect(firstLeaf(trie)).toBe(3);
  expect(pathThrough(trie, 4)).toEqual([0, 4]);
  expect(pathThrough(trie, 0)).toEqual([0, 2]);
  expect(beamsAt(trie, [0, 2], 1)).toEqual([2, 4]);
  expect(followingAt(trie, [1, 3], 1)?.codes).toEqual([7, 9]);
  expect(firstLeaf({ ...trie, nodes: [] })).toBeNull();
});

test('every code has a mark that says what it is, and a kept one leads to its beam', () => {
  const scene = trieScene(trie, { path: [0, 2], shown: 2 }, size, colours);
  expect(scene.marks).toBe(260);
  expect(scene.label(1)).toBe('Level 1, code 1: no item begins so');
  expect(scene.label(3)).toBe('Level 1, code 3: 33 % of what may follow');
  expect(scene.label(4 + 41)).toBe('Level 2, code 41: 33 % of what may follow, kept as number 3');
  expect(scene.isChosen?.(4 + 40)).toBe(true);
  expect(beamOfMark(trie, [0, 2], 2, 4 + 41)).toBe(4);
  expect(beamOfMark(trie, [0, 2], 2, 4 + 200)).toBeNull();
  // Of another beam's prefix.
  expect(beamOfMark(trie, [0, 2], 2, 4 + 7)).toBeNull();
  expect(beamOfMark(trie, [0, 2], 1, 4 + 41)).toBeNull();
  const lost = trieScene(trie, { path: [1, 3], shown: 2 }, size, colours);
  expect(lost.label(4 + 7)).toBe(
    'Level 2, code 7: 50 % of what may follow, kept as number 1, on the way to the target',
  );
  const early = trieScene(trie, { path: [0, 2], shown: 1 }, size, colours);
  expect(early.label(4 + 40)).toBe('Level 2, code 40: not decoded yet');
});

test('arrows go from tile to tile and over from grid to grid, and each mark is found where it is drawn', () => {
  const scene = trieScene(trie, { path: [0, 2], shown: 2 }, size, colours);
  expect(scene.move?.(0, 'ArrowRight')).toBe(1);
  expect(scene.move?.(1, 'ArrowRight')).toBe(4);
  expect(scene.move?.(4, 'ArrowLeft')).toBe(1);
  expect(scene.move?.(0, 'ArrowUp')).toBe(0);
  expect(scene.move?.(4 + 255, 'ArrowRight')).toBe(4 + 255);
  for (let mark = 0; mark < scene.marks; mark++) {
    const [x, y] = (scene.outline(mark).match(/-?[\d.]+/g) ?? []).slice(0, 2).map(Number);
    expect(scene.at(x + 4, y + 4)).toBe(mark);
  }
});
