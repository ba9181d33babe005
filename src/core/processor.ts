/** What kind of CPU a machine has: programs compute the same bits on one kind, and other last digits on another. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Processor {
  model: string;
  /** Instruction sets that kernels are chosen by, such as "avx2 avx512f fma"; empty where the system does not tell. */
  instructions: string;
}

const CHOOSING =
  /^(sse4_1|avx|f16c|fma|avx2|avx512(f|vl|bw|dq|_vnni|_bf16|_fp16)|avx_vnni|amx_(bf16|int8|tile)|asimd(hp|dp)?|fphp|sve2?|bf16|i8mm)$/;

export function processorHere(): Processor {
  return { model: cpus()[0]?.model.trim() || 'unknown', instructions: instructionsOf(cpuInfo()) };
}

/** Of what Linux says of its processors, of which all have the same. */
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
