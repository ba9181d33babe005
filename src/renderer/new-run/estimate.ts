/** What times and bytes come to as words and tiles. */

/** As many tiles fit beside a model's name. */
const MOST_TILES = 16;
const TILE_MINUTES = [1, 2, 5, 15, 60, 240, 1440];
const GB = 1e9;
/** Tiles of memory; a machine with more has larger ones. */
const MEMORY_TILES = 26;

/** How long a tile stands for, so that the longest row fits. */
export function tileMinutes(seconds: readonly (number | null)[]): number {
  const longest = Math.max(0, ...seconds.map((one) => one ?? 0)) / 60;
  return (
    TILE_MINUTES.find((minutes) => longest / minutes <= MOST_TILES) ?? TILE_MINUTES[TILE_MINUTES.length - 1]
  );
}

/** Tiles of a gigabyte, or larger ones where the machine has more than fit. */
export function memoryTiles(bytes: number, memoryBytes: number): { filled: number; of: number } {
  const of = Math.min(MEMORY_TILES, Math.max(1, Math.round(memoryBytes / GB)));
  return { filled: Math.min(of, Math.ceil((bytes / memoryBytes) * of)), of };
}
