/** Where runs train, as the forms hold it: a host, and of a job on a cluster what differs from what its host says. */
import { z } from 'zod';
import { type Host, jobFields, type SlurmOptions } from '../../core/api/hosts.ts';

/** Empty for what the host says. */
const unlessEmpty = (field: z.ZodType<string, string>) =>
  z
    .string()
    .trim()
    .transform((text) => text || undefined)
    .pipe(field.optional());

/** As the queue takes it. */
export const placeDraft = z
  .object({
    /** Empty for this machine. */
    on: z.string(),
    partition: unlessEmpty(jobFields.partition),
    account: unlessEmpty(jobFields.account),
    time: unlessEmpty(jobFields.time),
    memory: unlessEmpty(jobFields.memory),
    gpus: unlessEmpty(jobFields.gpus),
    lines: z
      .string()
      .transform((text) => {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        return lines.length > 0 ? lines : undefined;
      })
      .pipe(jobFields.lines.optional()),
  })
  .transform(({ on, ...job }) => {
    const slurm = Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined));
    if (on === '') return {};
    return Object.keys(slurm).length > 0 ? { on, slurm } : { on };
  });

export type PlaceDraft = z.input<typeof placeDraft>;

export const HERE: PlaceDraft = {
  on: '',
  partition: '',
  account: '',
  time: '',
  memory: '',
  gpus: '',
  lines: '',
};

/** A job as its fields show it. */
export function jobTexts({ partition, account, time, memory, gpus, lines }: SlurmOptions): PlaceDraft {
  const given = Object.entries({ partition, account, time, memory, gpus }).filter(
    ([, text]) => text !== null,
  );
  return { ...HERE, ...Object.fromEntries(given), lines: lines.join('\n') };
}

/** A host that there is; else this machine. */
export function placeOn(name: string | undefined, hosts: readonly Host[]): PlaceDraft {
  return { ...HERE, on: hosts.some((host) => host.name === name) ? (name ?? '') : '' };
}

/** "cluster: gpu-short, 4:00:00, 32G" */
export function placeWords(place: PlaceDraft, host: Host | undefined): string {
  const asked = (['partition', 'time', 'memory'] as const).flatMap(
    (key) => place[key].trim() || host?.slurm[key] || [],
  );
  const words = host?.report?.facts?.slurm ? asked.join(', ') : '';
  return words === '' ? place.on : `${place.on}: ${words}`;
}
