/** Where runs train, as the forms hold it: a host, and of a job on a cluster what differs from what its host says. */
import { z } from 'zod';
import { eachJobField, type Host, type HostJob, type JobOptions, jobFields } from '../../core/api/hosts.ts';

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
    ...eachJobField(unlessEmpty),
    lines: z
      .string()
      .transform((text) => {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        return lines.length > 0 ? lines : undefined;
      })
      .pipe(jobFields.lines.optional()),
  })
  .transform(({ on, ...typed }) => {
    const job = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
    if (on === '') return {};
    return Object.keys(job).length > 0 ? { on, job } : { on };
  });

export type PlaceDraft = z.input<typeof placeDraft>;

/** The same as it is typed. */
export const typedPlace = z.object({
  on: z.string(),
  ...eachJobField(() => z.string()),
  lines: z.string(),
}) satisfies z.ZodType<PlaceDraft>;

export const HERE: PlaceDraft = { on: '', ...eachJobField(() => ''), lines: '' };

/** A host and the options of a job there, as the fields show them. */
export function jobTexts(on: string, { lines = [], atOnce: _, ...options }: Partial<HostJob>): PlaceDraft {
  const texts = Object.entries(options).map(([key, text]) => [key, text ?? '']);
  return { ...HERE, ...Object.fromEntries(texts), on, lines: lines.join('\n') };
}

/** A host that there is, and what a job there differs in; else this machine. */
export function placeOn(
  name: string | null | undefined,
  hosts: readonly Host[],
  job: JobOptions | null = null,
): PlaceDraft {
  return hosts.some((host) => host.name === name) ? jobTexts(name ?? '', job ?? {}) : HERE;
}

/** "cluster: gpu-short, 4:00:00, 32G" */
export function placeWords(place: PlaceDraft, host: Host | undefined): string {
  const asked = (['partition', 'time', 'memory'] as const).flatMap(
    (key) => place[key].trim() || host?.job[key] || [],
  );
  const words = host?.report?.facts?.scheduler ? asked.join(', ') : '';
  return words === '' ? place.on : `${place.on}: ${words}`;
}
