/** What a plan says: the tables of a paper, the models in them, and what they are compared by. */
import { z } from 'zod';
import { importRequestSchema } from '../data/import/request.ts';
import { splitFields, splitIds } from '../data/splits/index.ts';
import { ropeOf } from '../evaluation/practical/index.ts';
import { isObject } from '../files/json.ts';
import { pathSchema } from '../files/path-fields.ts';
import { resultImportSchema } from '../foreign/results/request.ts';
import { nameSchema } from '../names.ts';
import { parseSeeds } from '../seeds.ts';
import { sweepSchema } from '../store/home/study-spec.ts';
import { type BUILT_ON, PAPER_PARTS, PAPER_STYLES, SLICE_NAMES } from './choices.ts';

const text = z.string().trim().min(1).max(200);

/** Numbers, or text such as "1-3". */
const seedsSchema = z
  .union([z.array(z.int().nonnegative()).min(1).max(100), z.int().nonnegative(), z.string()], {
    error: 'write seeds as whole numbers: [1, 2, 3], or 1-3',
  })
  .transform((given, context) => {
    if (typeof given === 'number') return [given];
    const parsed = typeof given === 'string' ? parseSeeds(given) : { seeds: given };
    const problem = 'problem' in parsed ? parsed.problem : twiceIn(parsed.seeds);
    if (problem === null && 'seeds' in parsed) return parsed.seeds;
    context.addIssue(problem ?? 'write seeds such as [1, 2, 3] or 1-3');
    return z.NEVER;
  });

function twiceIn(seeds: readonly number[]): string | null {
  const twice = seeds.find((seed, at) => seeds.indexOf(seed) !== at);
  return twice === undefined ? null : `the seed ${twice} is named twice`;
}

/** Values [a, b], a range {from, to} or {log: [from, to]}, or text as `--vary` takes it. */
const varied = z.union(
  [
    z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
    z.string().max(10_000),
    z
      .strictObject({ log: z.tuple([z.number(), z.number()]) })
      .transform(({ log: [low, high] }) => `log:${low}..${high}`),
    z.strictObject({ from: z.number(), to: z.number() }).transform(({ from, to }) => `${from}..${to}`),
  ],
  { error: 'write values as [a, b], or a range as { from: a, to: b } or { log: [a, b] }' },
);

const spaceSchema = z.record(z.string().min(1).max(100), varied).transform((space) =>
  Object.entries(space).map(([key, values]) => ({
    key,
    values: typeof values === 'string' ? values : JSON.stringify(values),
  })),
);

const settings = z.record(z.string(), z.unknown());

/** A model that others build on, by the key that names its run in theirs. It is trained from one seed, and they share it. */
const builtOnSchema = z.strictObject({
  /** Id of a model. */
  model: text,
  preset: text.optional(),
  settings: settings.default({}),
  /** Default: the first of the plan. */
  seed: z.int().nonnegative().optional(),
  get tokeniser() {
    return builtOnSchema.optional();
  },
  get vectorsFrom() {
    return builtOnSchema.optional();
  },
});

const modelSchema = z.strictObject({
  /** Id of a model. */
  model: text,
  /** What its rows are called. Default: by its title. */
  name: nameSchema.optional(),
  preset: text.optional(),
  settings: settings.default({}),
  /** What is tuned on validation; without it, but with `trials`, what a fair baseline is tuned over. */
  space: spaceSchema.optional(),
  trials: z.int().positive().optional(),
  /** In place of those of the plan. */
  seeds: seedsSchema.optional(),
  ...builtOnSchema.pick({ tokeniser: true, vectorsFrom: true }).shape,
});

const SPLIT_KEYS: readonly string[] = [...Object.keys(splitFields), 'targets', 'title'];

/** A split by its name, or with the settings that it reads. */
const splitSchema = z
  .union(
    [
      z.enum(splitIds),
      z
        .object({ split: z.enum(splitIds), title: nameSchema.optional() })
        .catchall(z.union([z.number(), z.string()])),
    ],
    { error: `write a split: ${splitIds.join(', ')}, or { split: time, testShare: 0.2 }` },
  )
  .transform((given, context) => {
    const split: Record<string, unknown> = typeof given === 'string' ? { split: given } : given;
    const unknown = Object.keys(split).find((key) => !SPLIT_KEYS.includes(key));
    if (unknown !== undefined) {
      const problem = `a split has no "${unknown}"; it has ${SPLIT_KEYS.join(', ')}`;
      context.addIssue({ code: 'custom', message: problem, path: [unknown] });
    }
    const { title, ...held } = split;
    return { title: typeof title === 'string' ? title : null, settings: held };
  });

const fingerprint = z.string().regex(/^[0-9a-f]{6,64}$/, 'write 6 to 64 digits of a fingerprint');

/** A data set of the home that has these sequences, whatever it is called there. */
const knownSchema = z.strictObject({ name: nameSchema, fingerprint });

/** Files, with what an import of them is told. */
const filesSchema = z.strictObject({
  ...importRequestSchema.omit({ paths: true, name: true }).shape,
  files: z.array(pathSchema).min(1).max(100),
  name: nameSchema,
  /** The first digits of the fingerprint that the data must have. */
  fingerprint: fingerprint.optional(),
});

/** Why data are neither a name nor files: what is wrong with the files, where it is a list of keys. */
function filesProblem(given: unknown): string {
  const found = isObject(given) ? filesSchema.safeParse(given).error?.issues[0] : undefined;
  if (!found) return 'write the name of a data set, or { files: [ratings.csv], name: ratings }';
  return found.path.length > 0 ? `${found.path.join('.')}: ${found.message}` : found.message;
}

const oneOrMore = <S extends z.ZodType>(schema: S) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(schema).min(1).max(20));

const tableSchema = z.strictObject({
  /** A data set of the home by its name or id, by its name and fingerprint, or files. */
  data: z.union([text, filesSchema, knownSchema], {
    error: (issue) => filesProblem(issue.input),
  }),
  split: oneOrMore(splitSchema).prefault(['leave-last-out']),
  slices: z.array(z.enum(SLICE_NAMES)).max(SLICE_NAMES.length).default([]),
  /** Names of models of the plan. Default: all of them. */
  models: z.array(text).min(1).optional(),
  /** Of all its models, before their own. */
  settings: settings.default({}),
});

const { program, model, seed, map, manifest, candidates, ascending, skipBadRows, held, stated } =
  resultImportSchema.shape;

const resultSchema = z.strictObject({
  ...{ program, model, seed, map, manifest, candidates, ascending, skipBadRows, stated },
  file: pathSchema,
  name: nameSchema.optional(),
  /** The table that it stands in, by its data set. Default: the first. */
  data: text.optional(),
  /** What was held out, where no manifest says it. */
  split: splitSchema.optional(),
  set: held,
});

const paperSchema = z.strictObject({
  style: z.enum(PAPER_STYLES).default('acm'),
  /** Left out of its tables. */
  without: z.array(z.enum(PAPER_PARTS)).max(PAPER_PARTS.length).default([]),
  label: z
    .string()
    .regex(/^[A-Za-z0-9:_.-]{1,60}$/, 'use letters, digits, ":", "-", "_" and "."')
    .default('tab:results'),
  /** Begins the caption, which then says what was measured. */
  caption: z
    .string()
    .trim()
    .max(2000)
    .regex(/^[\P{Cc}\s]*$/u, 'leave its control characters out')
    .regex(/^\P{Cs}*$/u, 'leave the half of a character out')
    .optional(),
});

/** How large a difference does not matter: of the metric, or "1%" of the baseline. */
const ropeSchema = z.union([z.number(), z.string()]).transform((given, context) => {
  const rope = ropeOf(String(given));
  if (rope) return rope;
  context.addIssue('write a size from 0 on such as 0.002, or a share such as 1%');
  return z.NEVER;
});

export const planSchema = z.strictObject({
  plan: nameSchema,
  tables: z.array(tableSchema).min(1).max(50),
  models: z.array(modelSchema).min(1).max(200),
  search: z
    .strictObject({
      ...sweepSchema.omit({ vary: true, search: true, finalists: true }).shape,
      propose: sweepSchema.shape.search.optional(),
    })
    .prefault({}),
  results: z.array(resultSchema).max(200).default([]),
  seeds: seedsSchema.prefault([1]),
  /** Name of a model, or "none". Default: the first SASRec, else the first model. */
  baseline: text.optional(),
  metrics: z.array(text).min(1).max(50).default(['ndcg@10', 'hr@10']),
  rope: ropeSchema.optional(),
  /** The chance with which a difference is to be found, from which the users and seeds that it needs follow. */
  power: z.number().gt(0).lt(1).optional(),
  paper: paperSchema.prefault({}),
});

export type Plan = z.output<typeof planSchema>;
export type PlanInput = z.input<typeof planSchema>;
export type PlanTable = Plan['tables'][number];
export type PlanModel = Plan['models'][number];
export type PlanBuiltOn = Pick<PlanModel, (typeof BUILT_ON)[number]>;
export type PlanSource = z.output<typeof builtOnSchema>;
export type PlanSplit = PlanTable['split'][number];
export type PlanResult = Plan['results'][number];
export type PlanFiles = z.output<typeof filesSchema>;

/** Whether the data of a table are files that may have to be imported. */
export const areFiles = (data: PlanTable['data']): data is PlanFiles =>
  typeof data !== 'string' && 'files' in data;
