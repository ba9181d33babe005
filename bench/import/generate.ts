import { closeSync, openSync, writeSync } from 'node:fs';

export type RowOrder = 'by-user' | 'by-time';

interface GenerateOptions {
  rows: number;
  users: number;
  items: number;
  order: RowOrder;
  seed: number;
}

const CHUNK_BYTES = 8 * 1024 * 1024;

/** Mulberry32: uniform numbers in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Writes a ratings CSV (userId,movieId,rating,timestamp) shaped like MovieLens-20M: skewed item popularity, half-star
 * ratings, Unix seconds. `by-user` lists one user after the other; `by-time` is a log, users in random order.
 */
export function generateRatings(path: string, options: GenerateOptions): void {
  const random = uniform(options.seed);
  const file = openSync(path, 'w');
  const perUser = options.rows / options.users;
  let text = 'userId,movieId,rating,timestamp\n';
  let time = 789652009;
  for (let row = 0; row < options.rows; row++) {
    const byUser = options.order === 'by-user';
    const user = byUser ? Math.floor(row / perUser) + 1 : 1 + Math.floor(random() * options.users);
    const item = 1 + Math.floor(options.items * random() ** 3);
    const rating = (1 + Math.floor(random() * 10)) / 2;
    time = byUser ? 789652009 + Math.floor(random() * 6e8) : time + Math.floor(random() * 60);
    text += `${user},${item},${rating.toFixed(1)},${time}\n`;
    if (text.length > CHUNK_BYTES) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}
