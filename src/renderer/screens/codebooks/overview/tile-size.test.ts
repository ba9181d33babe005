import { expect, it } from 'vitest';
import { tileSize } from './tile-size.ts';

it('fits the codes of a level into its drawing, in tiles as large as they can be', () => {
  const size = { width: 770, height: 72 };
  expect(tileSize(16, size)).toEqual({ pitch: 18, columns: 42 });
  for (const count of [64, 256, 2048, 8192]) {
    const { pitch, columns } = tileSize(count, size);
    expect(Math.ceil(count / columns) * pitch).toBeLessThanOrEqual(size.height);
    const larger = Math.floor(size.width / (pitch + 1));
    expect(pitch === 18 || Math.ceil(count / larger) * (pitch + 1) > size.height).toBe(true);
  }
});
