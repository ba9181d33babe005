import type { CodeMap } from '../../src/core/api/codebooks.ts';
import { numbersFrom } from './made.ts';

/** 32 codes with a few items each, two of them dead. */
export function madeCodeMap(byPair = false): CodeMap {
  const next = numbersFrom(7);
  const below = (most: number) => Math.floor(most * next());
  const map: CodeMap = {
    ...{ byPair, starts: [0], next: [], items: [], interactions: [], shared: [], kinds: [] },
    root: [],
    grid: { columns: 8, rows: 4 },
    cells: Array.from({ length: 32 }, (_, code) => (code * 5) % 32),
    categories: ['Makeup', 'Hair', 'Skin'].map((name) => ({ name, items: 90 })),
    regions: [
      { kind: 0, cells: 14, x: 2.5, y: 1.5, name: 'Nails' },
      { kind: 1, cells: 4, x: 6, y: 3, name: 'Hair & Care' },
      { kind: 2, cells: 4, x: 6.1, y: 3, name: 'Hidden' },
    ],
    levels: [{ size: 32, used: 30, perplexity: 24.5, told: 0.71, curve: [30, 20, 10, 0] }],
    ...{ itemCount: 270, interactionCount: 5_000, ids: 240, sharing: 60 },
  };
  for (let code = 0; code < 32; code++) {
    const tiles = code === 3 || code === 17 ? 0 : 1 + below(byPair ? 60 : 16);
    for (let tile = 0; tile < tiles; tile++) {
      map.next.push(byPair ? tile : Math.floor(tile / 3));
      map.items.push(byPair ? 60 - tile : map.items.length);
      map.interactions.push(below(200));
      map.shared.push(byPair ? Math.floor((60 - tile) * next()) : 1 + below(7));
      map.kinds.push(below(4) - 1);
    }
    map.starts.push(map.items.length);
  }
  return map;
}
