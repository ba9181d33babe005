/** The buckets of time differences against float32 arithmetic of the reference. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { timeBucket } from '../../src/core/layers/relative-bias.ts';

type Pair = [number, number];

interface TimeBuckets {
  /** [seconds, bucket] */
  samples: Pair[];
  /** [bucket, seconds] */
  smallest_difference_per_bucket_float32: Pair[];
  /** Where float64 gives another bucket. */
  float32_vs_float64_differences: { bucket: number; count: number; first: number; last: number }[];
}

const file = new URL('eval-a.json', import.meta.url);
const { samples, ...buckets }: TimeBuckets = JSON.parse(readFileSync(file, 'utf8')).time_buckets;
const ranges = buckets.float32_vs_float64_differences;

/** The bucket in float64 arithmetic, from which the fixture lists the differences. */
function timeBucketInFloat64(seconds: number): number {
  return Math.floor(Math.log(Math.max(1, Math.abs(seconds))) / 0.301);
}

test('samples', () => {
  expect(samples.length).toBeGreaterThan(0);
  expect(samples.map(([seconds]) => timeBucket(seconds))).toEqual(samples.map(([, bucket]) => bucket));
});

test.each(ranges)('bucket $bucket differs from float64 where the reference does', ({ count, first, last }) => {
  const differing: number[] = [];
  for (let seconds = first - count - 50; seconds <= last + count + 50; seconds++) {
    if (timeBucket(seconds) !== timeBucketInFloat64(seconds)) differing.push(seconds);
  }
  expect([differing.length, differing[0], differing.at(-1)]).toEqual([count, first, last]);
});

/**
 * The fixture looked for it only a few seconds below the border in float64, so where its own list of float32 ranges covers
 * the value, that list, checked above, decides instead.
 */
test('the smallest difference of every bucket', () => {
  const covered = (bucket: number, seconds: number): boolean =>
    ranges.some(
      (range) =>
        range.bucket === bucket &&
        Math.fround(seconds) >= Math.fround(range.first) &&
        Math.fround(seconds) <= Math.fround(range.last),
    );
  const open = buckets.smallest_difference_per_bucket_float32.filter(([bucket, s]) => !covered(bucket, s));
  expect(open.length).toBeGreaterThan(0);
  for (const [bucket, seconds] of open) {
    expect(timeBucket(seconds), `${seconds}`).toBeGreaterThanOrEqual(bucket);
    expect(timeBucket(seconds - 1), `${seconds - 1}`).toBeLessThan(bucket);
  }
});
