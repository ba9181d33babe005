/** What a user changes of a home and can take back. Each change says what there was and what there is then, and so can be made the other way round. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { nameSchema } from '../../names.ts';
import { jobOptions } from '../../training/job-options.ts';
import { RUN_OUTCOMES } from '../runs/run-life.ts';
import { TRASH_KINDS } from './trash-types.ts';

const id = z.string().min(1).max(200);
const ids = z.array(id).min(1).max(100_000);
const text = z.string().max(100_000);
const tags = z.array(z.string().trim().min(1).max(100)).max(50);

/** Null where something has no name yet, or none any more. */
const fields = {
  run: z
    .object({
      name: nameSchema,
      /** All of them, or which come and go. */
      tags: z.union([tags, z.object({ add: tags.default([]), remove: tags.default([]) })]),
      notes: text,
      starred: z.boolean(),
      archived: z.boolean(),
      /** Name of the project, which is made where there is none; null for none. */
      project: nameSchema.nullable(),
    })
    .partial(),
  project: z.object({ name: nameSchema, description: z.string().trim().max(10_000) }).partial(),
  comparison: z.object({
    name: nameSchema,
    notes: text,
    runs: z.array(id).min(1).max(1000),
    baseline: id.nullable().optional(),
    metrics: z.array(id).max(100).optional(),
    labels: z.record(id, nameSchema).optional(),
    project: id.nullable(),
  }),
  /** What a run is to do next. What is left out stays. */
  turn: z
    .object({
      /** Its place among the waiting runs from 0, or 0 where it trains; null for a run that is to end, or has. */
      at: z.int().min(0).nullable(),
      held: z.boolean(),
      /** It is to end after its present epoch, with the test; only of one that trains. */
      finishing: z.boolean(),
      /** The host that trains it; null for this machine. */
      place: z.string().nullable(),
      job: jobOptions.nullable(),
      /** How it had ended. */
      ended: z
        .object({ status: z.enum(RUN_OUTCOMES), message: z.string().nullable(), endedAt: z.int().nullable() })
        .nullable(),
    })
    .partial(),
};

/** A kind of change: what it is of, and what there is before and after. Without `from` it is made whatever there was. */
const kind = <Of extends string, Where extends z.ZodRawShape, Value extends z.ZodType>(
  of: Of,
  where: Where,
  value: Value,
) => z.object({ of: z.literal(of), ...where, from: value.optional(), to: value });

const rowKinds = z.enum(TRASH_KINDS).exclude(['folder']);

export const wantedChange = z.discriminatedUnion('of', [
  kind('run', { ids }, fields.run),
  kind('project', { id }, fields.project),
  kind('comparison', { id }, fields.comparison),
  /** Whether it is in the trash. */
  kind('deleted', { kind: rowKinds, ids }, z.boolean()),
  kind('turn', { id }, fields.turn),
  /** The waiting runs, first to start first. */
  kind('order', {}, z.array(id).max(100_000)),
  /** Whether the whole queue is paused. */
  kind('paused', {}, z.boolean()),
  /** Whether nothing begins on a machine: a host, or this one, which is "". */
  kind('machine', { name: z.string().max(200) }, z.boolean()),
  /** One of the named views that a screen keeps under a key; null for none. */
  kind('view', { key: id, name: z.string().min(1).max(1000) }, z.json()),
]);
export type WantedChange = z.output<typeof wantedChange>;

/** As it was made: it says what there was. */
export type Change<Wanted extends WantedChange = WantedChange> = Wanted extends WantedChange
  ? Wanted & { from: Exclude<Wanted['from'], undefined> }
  : never;

export type ChangeOf<Of extends WantedChange['of']> = Change<Extract<WantedChange, { of: Of }>>;

type Deleted = ChangeOf<'deleted'>;

/** Puts things into the trash. */
export const deleting = (kind: Deleted['kind'], ids: readonly string[]): Deleted => ({
  ...{ of: 'deleted', kind, ids: [...ids] },
  ...{ from: false, to: true },
});

/** What came into the home, which the trash has once it is taken back. */
export const coming = (kind: Deleted['kind'], ids: readonly string[]): Deleted => ({
  ...deleting(kind, ids),
  ...{ from: true, to: false },
});

/** What takes changes back. */
export const reversed = (changes: readonly Change[]) =>
  changes.toReversed().map((change) => ({ ...change, from: change.to, to: change.from }) as Change);

/** The error where something is not as a change expects it. */
export const changedSince = (problem: string) => new UserError({ code: 'changed', problem });
