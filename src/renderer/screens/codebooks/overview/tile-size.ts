/** A tile with the gap behind it, in pixels. */
const LARGEST = 18;

interface Drawing {
  width: number;
  height: number;
}

/** The largest tiles of which so many fit, row by row. */
export function tileSize(count: number, { width, height }: Drawing): { pitch: number; columns: number } {
  for (let pitch = LARGEST; pitch > 1; pitch--) {
    const columns = Math.floor(width / pitch);
    if (columns > 0 && Math.ceil(count / columns) * pitch <= height) return { pitch, columns };
  }
  return { pitch: 1, columns: Math.max(1, Math.floor(width)) };
}
