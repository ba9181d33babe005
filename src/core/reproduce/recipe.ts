/** What makes runs again somewhere else: data by its hashes, settings, versions, and the numbers that came of them. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { onOneLine } from '../names.ts';
import { threadsSchema } from '../threads.ts';
import { namedSources } from '../training/sources.ts';

/** Another number once an earlier reader would take something for what it is not. */
export const RECIPE = 'tessera-recipe-1';

const text = z.string().max(2000);
/** What lists and terminals show. */
const label = text.transform(onOneLine);
const count = z.int().nonnegative();
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const record = z.record(z.string().max(200), z.unknown());

const sourceFile = z.object({ name: text.min(1), bytes: count, sha256: sha256Schema });

const datasetSchema = z.object({
  name: label,
  fingerprint: text,
  /** What it was imported from; null where nobody noted it. */
  files: z.array(sourceFile).min(1).max(100_000).nullable(),
  /** Of the import; null where nobody noted them. */
  options: record.nullable(),
  counts: z.object({ users: count, items: count, interactions: count }).nullable(),
});

/** A run as it was, with its numbers. */
export const recipeRunSchema = z.object({
  id: text.min(1),
  name: label,
  model: text,
  /** The whole config; it names other runs of the recipe by their ids. */
  config: record,
  seed: count,
  /** Fingerprint of its data set. */
  dataset: text,
  device: text.nullable(),
  threads: threadsSchema,
  /** Of the program that trained it, in order. */
  versions: z.array(text),
  /** Kinds of CPU that trained it, in order; empty where nobody noted them. */
  processors: z.array(z.object({ model: text, instructions: text })),
  environment: z.record(text, z.union([text, z.number()])).nullable(),
  /** Files of plug-ins with their hashes. */
  plugins: z.array(text),
  endedAt: z.number().nullable(),
  seconds: z.number().nullable(),
  selectedEpoch: z.number().nullable(),
  /** By name; null for what is not a number. */
  metrics: z.record(text, z.number().nullable()),
  /** sha256 of the rank of every user, by held-out part. */
  ranks: z.record(text, z.object({ users: count, sha256: sha256Schema })),
});

/** A result that is not trained again: of another program, or that one evaluated a checkpoint anew. */
const otherSchema = z.object({
  id: text,
  name: label,
  program: label,
  model: label.nullable(),
  seed: count.nullable(),
  dataset: label.nullable(),
  config: record.nullable(),
  metrics: z.record(text, z.number().nullable()),
  /** Why. */
  reason: text,
});

export const recipeSchema = z.object({
  schema: z.literal(RECIPE),
  /** Of the program that wrote it. */
  version: text,
  datasets: z.array(datasetSchema).max(1000),
  /** Those that others rest on come before them. */
  runs: z.array(recipeRunSchema).max(10_000),
  /** Ids of those that were asked for; the others are what they rest on. */
  rows: z.array(text).max(10_000),
  others: z.array(otherSchema).max(10_000),
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeRun = Recipe['runs'][number];
export type RecipeDataset = Recipe['datasets'][number];

/** What was read from outside as a recipe; `where` begins the message. Throws UserError where it is none. */
export function parseRecipe(value: unknown, where: string): Recipe {
  const parsed = recipeSchema.safeParse(value);
  if (!parsed.success) throw new UserError(`${where}: ${recipeProblem(value, parsed.error)}`);
  const { runs, datasets } = parsed.data;
  const known = new Set(datasets.map(({ fingerprint }) => fingerprint));
  const stray = runs.find(({ dataset }) => !known.has(dataset));
  // A run may rest on those before it alone: else nobody could train it.
  const seen = new Set<string>();
  for (const { id, name, config } of runs) {
    const unmade = namedSources(config).find(([, source]) => !seen.has(source));
    if (unmade)
      throw new UserError(`${where}: run ${name} rests on run ${unmade[1]}, which is not described`);
    seen.add(id);
  }
  if (stray) throw new UserError(`${where}: run ${stray.name} is of a data set that is not described`);
  return parsed.data;
}

function recipeProblem(value: unknown, { issues: [issue] }: z.ZodError): string {
  const schema = String((value as { schema?: unknown } | null)?.schema);
  if (schema !== RECIPE && schema.startsWith('tessera-recipe-'))
    return `was written by a newer version of Tessera (${schema}; this one reads ${RECIPE}): update Tessera`;
  return `what makes its runs again is damaged (${issue.path.join('.')}: ${issue.message})`;
}

/** Marks it in a page. */
const OPENS = '<script type="application/json" id="tessera-recipe">';
const CLOSES = '</script>';

/** A recipe as a block of HTML that no browser runs. */
export const embeddedRecipe = (recipe: Recipe): string =>
  `${OPENS}${JSON.stringify(recipe).replaceAll('<', '\\u003c')}${CLOSES}`;

/** The text of the recipe in a page; null where it has none. */
export function recipeIn(html: string): string | null {
  // Whatever a page quotes has no tags, and its own block is the last thing in it.
  const from = html.lastIndexOf(OPENS);
  const to = from < 0 ? -1 : html.indexOf(CLOSES, from);
  return to < 0 ? null : html.slice(from + OPENS.length, to);
}
