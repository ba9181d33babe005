import { z } from 'zod';
import { utcMs } from '../../dates.ts';
import { UserError } from '../../errors.ts';
import { pathSchema } from '../../files/path-fields.ts';
import { nameSchema } from '../../names.ts';

/** What a column can mean. */
export const ROLES = ['user', 'item', 'rating', 'time', 'title'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a column of a click log can mean. Several columns can have one meaning, except user, item and time: the first
 * label is the main one, the others are further tasks.
 */
export const CLICK_ROLES = [
  'label',
  'dense',
  'categorical',
  'multi',
  'user',
  'item',
  'time',
  'ignore',
] as const;
export type ClickRole = (typeof CLICK_ROLES)[number];

/** What a side column of items or users can mean to a ranking model. */
export const SIDE_ROLES = ['dense', 'categorical', 'multi', 'ignore'] as const satisfies readonly ClickRole[];
export type SideRole = (typeof SIDE_ROLES)[number];
/** The meaning of side columns, by name. */
export type SideRoles = Record<string, SideRole>;

/** Roles that --map knows; those of a click log take several columns ("I1+I2") and patterns ("I*"). */
export const MAP_ROLES = [...ROLES, 'label', 'dense', 'categorical', 'multi', 'ignore'] as const;

/** Columns cannot be used as they are: the command line gives them a meaning by --map, the window by a menu above each. */
export function columnError(problem: string, cli: string): UserError {
  const fix = { cli, window: 'choose the meaning of each column above its values' };
  return new UserError({ code: 'bad-columns', problem, fix });
}

/** What a file of events is: sequences of items by user, or labelled rows for ranking models. */
export const DATASET_KINDS = ['interactions', 'clicks'] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

/** yymmddhh: hours as Avazu writes them, 14102100 for midnight of 2014-10-21. */
export const TIME_UNITS = [
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
  'date',
  'yymmddhh',
] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

export const ENCODINGS = ['utf-8', 'latin-1'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** "-" as a column name means that the file has no such column, whatever was sniffed. */
export const NO_COLUMN = '-';

/**
 * Filters under which a large public set is usually cut, where its papers do not publish theirs. kuairand: the k-core of
 * FuXi-Linear's released preparation of KuaiRand-27K, 350 events a video and 20 a user until stable; the cut of the
 * FuXi-alpha table is another, unpublished one. Offered where a file of interactions has these columns.
 */
export const IMPORT_PRESETS = {
  'kuairand-own-cut': { minItem: 350, minUser: 20, columns: ['video_id', 'is_click', 'time_ms'] },
} as const;
export type ImportPreset = keyof typeof IMPORT_PRESETS;

const presetNames = Object.keys(IMPORT_PRESETS) as [ImportPreset, ...ImportPreset[]];

/** The presets made for files of these columns. */
export function presetsFor(columns: readonly string[]): ImportPreset[] {
  return presetNames.filter((name) =>
    IMPORT_PRESETS[name].columns.every((column) => columns.includes(column)),
  );
}

const instant = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const seconds = typeof value === 'number' ? value : utcMs(value) / 1000;
    if (Number.isFinite(seconds)) return seconds;
    context.addIssue(`"${value}" is not a date; write it as 2015-03-31 or in Unix seconds`);
    return z.NEVER;
  })
  .optional();

/** What the sniffer would otherwise decide. */
export const importOverridesSchema = z.object({
  map: z.partialRecord(z.enum(MAP_ROLES), z.string().min(1)).default({}).describe('column of each role'),
  kind: z
    .enum(['auto', ...DATASET_KINDS])
    .default('auto')
    .describe('sequences of interactions, or a click log; auto: a click log where a label column is found'),
  separator: z.string().min(1).optional().describe('column separator, for example "," or "::"'),
  header: z.boolean().optional().describe('whether the first line names the columns'),
  encoding: z.enum(ENCODINGS).optional().describe('text encoding'),
  timeUnit: z.enum(TIME_UNITS).optional().describe('unit of the time column'),
});

/** The request of an import. */
export const importRequestSchema = importOverridesSchema.extend({
  paths: z.array(pathSchema).min(1, 'name at least one file or folder').describe('files and folders'),
  name: nameSchema.optional().describe('name of the data set'),
  preset: z
    .enum(presetNames)
    .optional()
    .describe('filters of a data set; minUser and minItem can only be stricter'),
  minUser: z.int().min(0).default(0).describe('fewest interactions of a kept user (k-core)'),
  minItem: z.int().min(0).default(0).describe('fewest interactions of a kept item (k-core)'),
  minRating: z.number().optional().describe('minimum rating'),
  from: instant.describe('first instant kept: a date or Unix seconds'),
  to: instant.describe('first instant no longer kept: a date or Unix seconds'),
  ties: z.enum(['file', 'shuffle']).default('file').describe('order of interactions of the same time'),
  seed: z.int().min(0).default(0).describe('seed of the shuffled ties'),
  dedupe: z
    .enum(['none', 'exact', 'first', 'last'])
    .default('none')
    .describe('drop repeats: exact (same user, item, time), or all but the first or last of a user and item'),
  skipBadRows: z.boolean().default(false).describe('leave unreadable rows out instead of failing'),
});

export type ImportOverrides = z.output<typeof importOverridesSchema>;
export type ImportRequest = z.output<typeof importRequestSchema>;
export type ImportRequestInput = z.input<typeof importRequestSchema>;

/** The request with the filters of its preset. */
export function withPreset(request: ImportRequest): ImportRequest {
  if (request.preset === undefined) return request;
  const { minItem, minUser } = IMPORT_PRESETS[request.preset];
  return {
    ...request,
    minItem: Math.max(request.minItem, minItem),
    minUser: Math.max(request.minUser, minUser),
  };
}

/** Parses what came from outside. Throws UserError with all problems in one line. */
export function parseImportInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
  );
  throw new UserError(`import options: ${problems.join('; ')}`);
}
