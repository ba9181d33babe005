/** The kind of CPU that this machine has. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Processor } from './processor-kinds.ts';

const CHOOSING =
  /^(sse4_1|avx|f16c|fma|avx2|avx512(f|vl|bw|dq|_vnni|_bf16|_fp16)|avx_vnni|amx_(bf16|int8|tile)|asimd(hp|dp)?|fphp|sve2?|bf16|i8mm)$/;

export function processorHere(): Processor {
  return { model: cpus()[0]?.model.trim() || 'unknown', instructions: instructionsOf(cpuInfo()) };
}

/** Reads them from the text of /proc/cpuinfo; all processors of a machine have the same. */
export function instructionsOf(info: string): string {
  const flags = /^(?:flags|Features)\s*: (.*)$/m.exec(info)?.[1] ?? '';
  return flags
    .split(/\s+/)
    .filter((flag) => CHOOSING.test(flag))
    .sort()
    .join(' ');
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
