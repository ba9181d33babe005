import { z } from 'zod';
import { rowOf } from '../db/columns.ts';
import { StorePart } from '../db/part.ts';

/** What the machine did at one moment of a run; null where it cannot be measured. */
export interface SystemSample {
  /** Unix milliseconds. */
  time: number;
  /** Percent of one core, of the trainer. */
  cpu: number | null;
  /** Bytes of the trainer's resident memory. */
  memory: number | null;
  /** Percent of the device. */
  gpu: number | null;
  /** Bytes in use on the device. */
  gpuMemory: number | null;
}

const sampleRow = rowOf({
  time: z.number(),
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  gpu: z.number().nullable(),
  gpu_memory: z.number().nullable(),
});

/** CPU, memory and GPU over the time of a run. */
export class Samples extends StorePart {
  add(run: string, { time, cpu, memory, gpu, gpuMemory }: SystemSample): void {
    this.connection.replace('system_samples', { run, time, cpu, memory, gpu, gpu_memory: gpuMemory });
  }

  /** Oldest first, at most `limit`: where there are more, the largest values of equal stretches of time. */
  list(run: string, limit: number): SystemSample[] {
    return this.connection.rows(
      sampleRow,
      `SELECT max(time) AS time, max(cpu) AS cpu, max(memory) AS memory, max(gpu) AS gpu,
           max(gpu_memory) AS gpu_memory
         FROM (SELECT *, ntile(@limit) OVER (ORDER BY time) AS stretch FROM system_samples WHERE run = @run)
         GROUP BY stretch ORDER BY time`,
      { run, limit },
    );
  }
}
