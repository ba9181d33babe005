import type { MemoryLimits } from '../../src/core/memory.ts';

/** A machine with so many bytes free, besides those that are left to everything else. */
export function free(bytes: number): MemoryLimits {
  return { available: bytes + 2 ** 29, constrained: 0, rss: 0, arrayBuffers: 0, electron: false };
}
