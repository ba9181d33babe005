import { z } from 'zod';
import type { UsageSample } from '../../training/events.ts';
import { rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';

const sampleRow = rowOf({
  time: z.number(),
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  gpu: z.number().nullable(),
  gpu_memory: z.number().nullable(),
  energy: z.number().nullable(),
});

/** Joules of samples; of one of which nothing is known the whole is not. */
export const KNOWN_ENERGY = 'CASE WHEN count(*) = count(energy) THEN sum(energy) END';

/** CPU, memory and GPU over the time of a run. */
export class Samples extends StoreTables {
  add(run: string, { time, cpu, memory, gpu, gpuMemory, energy = null }: UsageSample): void {
    this.connection.replace('system_samples', {
      ...{ run, time, cpu, memory, gpu, gpu_memory: gpuMemory, energy },
    });
  }

  /** In bytes: the most of all attempts stays. 0 is of a trainer that does not know. */
  setPeakMemory(run: string, bytes: number): void {
    const sql = 'UPDATE runs SET peak_memory = @bytes WHERE id = @run AND coalesce(peak_memory, 0) < @bytes';
    if (bytes > 0) this.connection.run(sql, { run, bytes: Math.round(bytes) });
  }

  /** Oldest first, at most `limit`: where there are more, the largest values of equal stretches of time, and their energy. */
  list(run: string, limit: number): UsageSample[] {
    return this.connection.rows(
      sampleRow,
      `SELECT max(time) AS time, max(cpu) AS cpu, max(memory) AS memory, max(gpu) AS gpu,
           max(gpu_memory) AS gpu_memory, ${KNOWN_ENERGY} AS energy
         FROM (SELECT *, ntile(@limit) OVER (ORDER BY time) AS stretch FROM system_samples WHERE run = @run)
         GROUP BY stretch ORDER BY time`,
      { run, limit },
    );
  }
}
