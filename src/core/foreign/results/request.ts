/** What a measurement of recommendations of another program is asked, and an import of them. */
import { z } from 'zod';
import { pathSchema } from '../../files/path-fields.ts';
import { RESULT_ROLES } from './columns.ts';

const text = z.string().trim().max(200);

export const resultRequestSchema = z.object({
  path: pathSchema,
  dataset: z.string().min(1).describe('name or id of a data set'),
  /** Which held-out items the lists are for. */
  split: z.enum(['test', 'valid']).default('test'),
  map: z.partialRecord(z.enum(RESULT_ROLES), text.min(1)).default({}),
  /** What only the user of the other program knows: whether it was trained on the validation items, too, and what chose its checkpoint. */
  stated: z
    .object({
      trainedOnValidation: z.boolean().default(false),
      selection: z.enum(['validation', 'final-epoch', 'test']).default('validation'),
    })
    .prefault({}),
  /** Of the exported split that it was made from; null looks for one beside the file. */
  manifest: pathSchema.nullable().default(null),
  /** Files of ids, one a line, of the rows and columns of arrays that do not name their own. */
  ids: z
    .object({ users: pathSchema.nullable().default(null), items: pathSchema.nullable().default(null) })
    .prefault({}),
  /** What is held out, by config keys of a training, where no manifest says it. */
  held: z.record(z.string(), z.unknown()).default({}),
});
export type ResultRequest = z.output<typeof resultRequestSchema>;
export type IdFiles = ResultRequest['ids'];

const optionalText = text
  .nullable()
  .default(null)
  .transform((given) => given || null);

export const resultImportSchema = resultRequestSchema.extend({
  /** Null takes a free one. */
  name: optionalText,
  program: text.default('').transform((given) => given || 'another program'),
  model: optionalText,
  seed: z.number().int().min(0).nullable().default(null),
  /** What the program itself found, by its names of metrics. */
  figures: z.record(text.min(1), z.number()).default({}),
});
export type ResultImport = z.output<typeof resultImportSchema>;
