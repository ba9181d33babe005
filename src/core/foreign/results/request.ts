/** What a measurement of recommendations of another program is asked, and an import of them. */
import { z } from 'zod';
import { NEGATIVES_BY } from '../../evaluation/negatives.ts';
import { pathSchema } from '../../files/path-fields.ts';
import { ONE_LINE } from '../../names.ts';
import { PART_ROLES, RESULT_ROLES } from './columns.ts';

const text = z.string().trim().max(200);

/** What chose the checkpoint of another program, and on what its settings were tuned. */
export const STATED_SELECTIONS = ['validation', 'final-epoch', 'test'] as const;
export const STATED_TUNINGS = ['validation', 'test', 'none'] as const;

export const resultRequestSchema = z.strictObject({
  path: pathSchema,
  dataset: z.string().min(1).describe('name or id of a data set'),
  split: z.enum(['test', 'valid']).default('test').describe('which held-out items the lists are for'),
  map: z
    .partialRecord(z.enum(RESULT_ROLES), text.min(1))
    .default({})
    .describe('columns, or keys of JSON, by role'),
  /** What only the user of the other program knows; null is not said. */
  stated: z
    .strictObject({
      trainedOnValidation: z
        .boolean()
        .nullable()
        .default(null)
        .describe('whether it was trained on the validation items, too'),
      selection: z.enum(STATED_SELECTIONS).nullable().default(null).describe('what chose its checkpoint'),
      tuning: z.enum(STATED_TUNINGS).nullable().default(null).describe('on what its settings were tuned'),
    })
    .prefault({}),
  manifest: pathSchema
    .nullable()
    .default(null)
    .describe(
      'manifest.json of the exported split that it was made from; null looks for one beside the file',
    ),
  /** Files of ids, one a line, of the rows and columns of arrays that do not name their own. */
  ids: z
    .strictObject({ users: pathSchema.nullable().default(null), items: pathSchema.nullable().default(null) })
    .prefault({}),
  held: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'its protocol by config keys of a training: what is held out where no manifest says it, what is filtered and ranked',
    ),
  candidates: z
    .enum(['all', 'sampled'])
    .nullable()
    .default(null)
    .describe('what its lists were ranked among; null refuses lists that look like samples'),
  negatives: z
    .strictObject({ by: z.enum(NEGATIVES_BY), seed: z.int().min(0).default(1) })
    .nullable()
    .default(null)
    .describe(
      'of sampled candidates: how this program drew them, which is checked; null for those that another one drew',
    ),
  skipBadRows: z.boolean().default(false).describe('leave rows out that cannot be read, instead of failing'),
  ascending: z.boolean().default(false).describe('the smallest score is the best, as of distances'),
});
export type ResultRequest = z.output<typeof resultRequestSchema>;
export type IdFiles = ResultRequest['ids'];

/** What a reading was told beyond the usual: the same file, told something else, is another result. Files are not in it. */
export type AskedReading = Partial<
  Pick<ResultRequest, 'map' | 'held' | 'candidates' | 'negatives' | 'ascending' | 'skipBadRows'>
> & { set?: ResultRequest['split']; stated?: Partial<ResultRequest['stated']> };

/** Of what is as usual there is no word. */
export function askedReading(request: Omit<ResultRequest, 'dataset' | 'path'>): AskedReading {
  const { map, held, candidates, negatives, ascending, skipBadRows, split: set } = request;
  const stated = Object.entries(request.stated).filter(([, value]) => value !== null);
  return {
    ...(Object.keys(map).length > 0 && { map }),
    ...(Object.keys(held).length > 0 && { held }),
    ...(candidates !== null && { candidates }),
    ...(negatives !== null && { negatives }),
    ...(ascending && { ascending }),
    ...(skipBadRows && { skipBadRows }),
    ...(set !== 'test' && { set }),
    ...(stated.length > 0 && { stated: Object.fromEntries(stated) }),
  };
}

/** What is written into tables and lists. */
const label = text.regex(ONE_LINE, 'Use one line, without control characters');

const optionalLabel = label
  .nullable()
  .default(null)
  .transform((given) => given || null);

export const resultImportSchema = resultRequestSchema.extend({
  name: optionalLabel.describe('name of the run; null takes a free one'),
  program: label
    .default('')
    .transform((given) => given || 'another program')
    .describe('what made them, such as "RecBole 1.2"'),
  model: optionalLabel.describe('name of its model'),
  seed: z
    .union([z.number().int().min(0), z.literal('none')])
    .nullable()
    .default(null)
    .describe('its seed; "none" of a model without randomness'),
  figures: z
    .record(text.min(1), z.number())
    .default({})
    .describe('what the program itself found, by its names of metrics'),
  only: z
    .array(z.partialRecord(z.enum(PART_ROLES), z.string().max(1000)))
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe('of a file with several results model, fold and seed of those that are kept; null keeps all'),
});
export type ResultImport = z.output<typeof resultImportSchema>;
