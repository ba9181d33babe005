/** How a training is submitted to a cluster. */
import { z } from 'zod';

/** Text of one line. */
export const oneLine = z
  .string()
  .max(1_000, 'at most 1,000 characters')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'one line');

const texts = {
  partition: z.string().regex(/^[\w.,-]{1,200}$/, 'a partition, or several such as a,b'),
  account: z.string().regex(/^[\w.+-]{1,200}$/, 'an account'),
  time: z.string().regex(/^(\d{1,4}-)?\d{1,6}(:\d{1,2}){0,2}$/, 'a time such as 4:00:00 or 1-12:00:00'),
  memory: z.string().regex(/^\d{1,9}[KMGT]?$/, 'memory such as 32G'),
  gpus: z.string().regex(/^([\w-]+:)?\d{1,3}$/, 'GPUs such as 1 or a100:1'),
};

/** Something for each field of a job but its lines. */
export function eachJobField<T>(make: (field: z.ZodString) => T): Record<keyof typeof texts, T> {
  const made = Object.entries(texts).map(([key, field]) => [key, make(field)]);
  return Object.fromEntries(made) as Record<keyof typeof texts, T>;
}

export const jobFields = {
  ...texts,
  /** Lines of the batch script, behind its options: more options, or modules to load. */
  lines: z.array(oneLine).max(50, 'at most 50'),
};

/** The job options that one run overrides; its host's apply to everything else. */
export const jobOptions = z.object(jobFields).partial();

export type JobOptions = z.output<typeof jobOptions>;

/** Twice as much memory, as a job is asked for it and in words: "64G" and "64 GB" for "32G". Without a unit it is counted in MB. */
export function doubled(memory: string): { memory: string; words: string } {
  const unit = /[KMGT]$/.exec(memory)?.[0] ?? 'M';
  const twice = 2 * Number.parseInt(memory, 10);
  return { memory: `${twice}${unit}`, words: `${twice} ${unit}B` };
}

/** As options of the command line: `[["partition", "gpu"], ["line", "module load cuda"]]`. */
export function jobArguments({ lines = [], ...given }: JobOptions): [option: string, value: string][] {
  const options = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return [...options, ...lines.map((line): [string, string] => ['line', line])];
}
