import type { ChartColours } from '../../src/renderer/charts/colours.ts';
import type { Size } from '../../src/renderer/charts/painter.ts';
import type { Scene } from '../../src/renderer/charts/scene.ts';
import { trieHeight, trieScene } from '../../src/renderer/runs/decoding/trie-scene.ts';
import { beamHeight, beamScene } from '../../src/renderer/screens/codebooks/beam/beam-scene.ts';
import { codesScene } from '../../src/renderer/screens/codebooks/map/codes-scene.ts';
import { mapScene } from '../../src/renderer/screens/codebooks/map/map-scene.ts';
import { heatScene } from '../../src/renderer/screens/codebooks/pairs/heat-scene.ts';
import { icicleScene, sunburstScene } from '../../src/renderer/screens/codebooks/prefixes/tree-layout.ts';
import { stateScene } from '../../src/renderer/screens/codebooks/quality/state-scene.ts';
import { besideScene } from '../../src/renderer/screens/codebooks/tokenisers/beside-scene.ts';
import { madeCodeMap } from './code-map.ts';
import { numbersFrom } from './made.ts';

export interface MadeScene {
  title: string;
  size: Size;
  scene(size: Size, colours: ChartColours): Pick<Scene, 'paint'>;
}

/** Every scene. */
export function madeScenes(): MadeScene[] {
  const next = numbersFrom(51);
  const categories = ['Makeup', 'Hair', 'Skin'];
  const list = (length: number, most: number) => Array.from({ length }, () => Math.floor(most * next()));
  const node = (parent: number, depth: number, code: number, items: number) => {
    return {
      parent,
      depth,
      code,
      prefixes: 1,
      items,
      weight: items,
      dominant: code % 3,
      purity: 0.8,
      selected: items,
    };
  };
  const nodes = [
    node(-1, 0, -1, 240),
    ...[0, 1, 2, 3].map((code) => node(0, 1, code, 60)),
    ...Array.from({ length: 12 }, (_, at) => node(1 + (at % 4), 2, at, 20)),
  ].sort((a, b) => a.depth - b.depth);
  const tree = { root: [], nodes, categories, levels: 3, narrowed: false, unit: 'items' as const };
  const rows = Array.from({ length: 16 }, (_, code) => code);
  const heat = {
    rows,
    columns: rows,
    counts: list(256, 30),
    total: 3_000,
    usedRows: 16,
    usedColumns: 16,
    rowCategories: list(16, 3),
    columnCategories: list(16, 3),
  };
  const placed = (codes: number) => ({
    grid: { columns: codes / 2, rows: 2 },
    cells: Array.from({ length: codes }, (_, code) => (code * 3) % codes),
    kinds: Array.from({ length: codes }, (_, code) => code % 3),
  });
  const beside = {
    one: [40, 30, 20, 10, 5, 15, 25, 0],
    other: [60, 25, 20, 15, 0, 0, 5, 20],
    pairs: [
      [0, 0, 30],
      [0, 7, 10],
      [1, 1, 25],
      [1, 6, 5],
      [2, 2, 20],
    ] as [number, number, number][],
    ...{ items: 145, moved: 15, places: [placed(8), placed(8)], categories },
  } as Parameters<typeof besideScene>[0];
  const beam = (parent: number | null, level: number, code: number, place: number | null) => ({
    parent,
    level,
    code,
    probability: 0.6 / code,
    prefixProbability: 0.4 / code / level,
    place,
    onTargetPath: code === 2,
    items: level === 2 ? [{ id: `item-${code}`, index: code, title: `Lipstick ${code}` }] : [],
  });
  const beams = {
    run: 'tiger',
    user: 'u1',
    levels: 2,
    beams: 3,
    nodes: [
      beam(null, 1, 1, 1),
      beam(null, 1, 2, 2),
      beam(0, 2, 3, 1),
      beam(0, 2, 4, 2),
      beam(1, 2, 2, null),
    ],
    target: { id: 'item-2', index: 2, title: 'Lipstick 2', codes: [2, 2], firstDivergence: 2 },
  } as unknown as Parameters<typeof beamScene>[0];
  const some = (count: number, step: number) => ({
    codes: Array.from({ length: count }, (_, at) => at * step),
    probabilities: Array.from({ length: count }, (_, at) => 2 ** -(at + 1)),
    leftOut: 0.03,
  });
  const trie = {
    ...beams,
    ...{ sizes: [16, 256], first: some(16, 1), after: [some(40, 3), some(9, 2), null, null, null] },
  } as unknown as Parameters<typeof trieScene>[0];
  const codes = Array.from({ length: 40 }, (_, code) => ({ code, items: 80 - 2 * code, kind: code % 3 }));
  return [
    {
      title: 'Codes of a level',
      size: { width: 176, height: 88 },
      scene: ({ width }, colours) =>
        codesScene({ size: 128, codes }, width, (kind) => colours.palette[kind], colours),
    },
    ...(['category', 'interactions', 'collisions'] as const).map((colour) => ({
      title: `Map of codes by ${colour}`,
      size: { width: 378, height: 188 },
      scene: ({ width }: Size, colours: ChartColours) =>
        mapScene({ map: madeCodeMap(), colour }, width, colours),
    })),
    {
      title: 'Codes at a moment of the training',
      size: { width: 182, height: 90 },
      scene: ({ width }, colours) => stateScene(madeCodeMap(), width, colours),
    },
    {
      title: 'Map of pairs of codes',
      size: { width: 378, height: 188 },
      scene: ({ width }, colours) => mapScene({ map: madeCodeMap(true), colour: 'category' }, width, colours),
    },
    {
      title: 'Tree as icicle',
      size: { width: 640, height: 300 },
      scene: (size, colours) => icicleScene(tree, size, colours),
    },
    {
      title: 'Tree as sunburst',
      size: { width: 420, height: 420 },
      scene: (size, colours) => sunburstScene(tree, size, colours),
    },
    {
      title: 'Pairs of codes',
      size: { width: 400, height: 400 },
      scene: (size, colours) =>
        heatScene({ heat, categories, describe: String, chosen: { row: 3, column: null } }, size, colours),
    },
    ...([0, 1] as const).map((side) => ({
      title: side === 0 ? 'Two tokenisers' : 'The other of two tokenisers',
      size: { width: 382, height: 190 },
      scene: ({ width }: Size, colours: ChartColours) =>
        besideScene(beside, side, { side: 0, code: 0 }, width, colours),
    })),
    {
      title: 'Decoding along the trie',
      size: { width: 640, height: trieHeight(trie, 640) },
      scene: (size, colours) => trieScene(trie, { path: [0, 2], shown: 2 }, size, colours),
    },
    {
      title: 'Decoding tree',
      size: { width: 640, height: beamHeight(beams) },
      scene: (size, colours) => beamScene(beams, size, colours),
    },
  ];
}
