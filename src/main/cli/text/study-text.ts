/** What a scaling study takes, before it starts. */

import type { StudyEstimate } from '../../../core/api/studies.ts';
import { duration, fixed } from '../../../core/documents/format.ts';
import { amount } from '../../../core/documents/study/words.ts';
import { textTable } from '../terminal/text-table.ts';

/** What the whole grid costs, before it starts: as `studyCost` counts it, at the speed of a matrix product. */
export function costText({ flops, bytes }: { flops: number; bytes: number }, gflops: number): string {
  return (
    `${amount(flops)}FLOP to compute, ${amount(bytes)}B for parameters and optimiser of the largest, beside the values of a step; ` +
    `at this device's ${fixed(gflops, 0)} GFLOP/s no less than ${duration(flops / gflops / 1e9)}`
  );
}

/** What probes measured for every size and in total. */
export function estimateText({ sizes, seconds, memoryBytes }: StudyEstimate): string {
  const rows = sizes.map((size) => [
    size.label,
    duration(size.seconds),
    `${amount(size.memoryBytes)}B`,
    size.basis,
    size.note,
  ]);
  const total = seconds === null ? 'unknown' : `about ${duration(seconds)} in sequence`;
  return [
    textTable(['Size', 'Time a run', 'Memory', 'Basis', 'Note'], rows, ['Time a run', 'Memory']),
    '',
    `Every epoch counted: ${total}, at most ${amount(memoryBytes)}B of memory.`,
  ].join('\n');
}
