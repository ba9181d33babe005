import { describe, expect, it } from 'vitest';
import { madeCodeMap } from '../../../../../test/figures/code-map.ts';
import { LIGHT_COLOURS } from '../../../../core/api/colours.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import { codesByCell, mapScene } from './map-scene.ts';

const COLOURS: ChartColours = {
  ...{ background: '#ffffff', surface: '#f5f5f2', line: '#e5e5e0', lineStrong: '#cfcfc8', text: '#1a1b18' },
  ...{ muted: '#56574f', accent: '#2f45c5', bad: '#b02418', good: '#17693c' },
  palette: LIGHT_COLOURS.slice(0, -1),
  trivial: LIGHT_COLOURS[LIGHT_COLOURS.length - 1],
};
const map = {
  ...madeCodeMap(),
  starts: [0, 3, 3, 4, ...Array<number>(29).fill(4), 4],
  next: [5, 5, 7, 2],
  kinds: [0, 0, 1, -1],
  shared: [1, 2, 5, 1],
};
const sceneOf = (colour: 'category' | 'collisions', nameOf?: (code: number) => string) =>
  mapScene({ map, colour, nameOf }, 734, COLOURS);
const tiles = (colour: 'category' | 'collisions') => {
  const fills: string[] = [];
  sceneOf(colour).paint({
    rect: (_x, _y, width, _height, fill) => width < 20 && fills.push(fill),
    shape: () => {},
    text: () => {},
  });
  return fills;
};

describe('a map of codes', () => {
  it('changes the shade where the second code does, and is grey without a category', () => {
    const [same, also, other, none] = tiles('category');
    expect(same).toBe('#333f8a');
    expect(also).toBe(same);
    // 66 % of gold in the surface
    expect(other).toBe('#bfaa52');
    expect(none).toBe('#cfcfc8');
  });

  it('shows whose ID is its own, in two strengths whose is not', () => {
    const [own, two, five, last] = tiles('collisions');
    expect([own, last]).toEqual(['#cfcfc8', '#cfcfc8']);
    expect(five).toBe('#bc2400');
    expect(two).not.toBe(five);
  });

  it('tells a block in words: code, name, items, and the share of its commonest category', () => {
    const scene = sceneOf('category', (code) => (code === 0 ? 'Nail lacquer' : ''));
    expect(scene.label(map.cells[0])).toBe('Code 0, Nail lacquer, 3 items, 67 % Makeup');
    expect(scene.label(map.cells[1])).toBe('Code 1, no item');
    expect(scene.label(map.cells[2])).toBe('Code 2, 1 item');
  });

  it('is moved in by arrows from block to block, and not over an edge', () => {
    const { move, at, marks, block, gap } = sceneOf('category');
    expect(marks).toBe(32);
    expect(at(block + gap + 1, 1)).toBe(1);
    expect(at(block + 1, 1)).toBeNull();
    expect(['ArrowLeft', 'ArrowUp'].map((key) => move?.(0, key as 'ArrowUp'))).toEqual([0, 0]);
    expect(move?.(0, 'ArrowRight')).toBe(1);
    expect(move?.(0, 'ArrowDown')).toBe(8);
    expect(move?.(31, 'ArrowRight')).toBe(31);
  });

  it('has no block for a code that never follows', () => {
    expect(codesByCell({ cells: [1, -1, 0] })).toEqual([2, 0]);
  });
});
