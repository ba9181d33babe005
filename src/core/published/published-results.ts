/** Published results: what papers and repositories report, with source, protocol and what to know about a number. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { withCommas } from '../names.ts';
import { shippedFolder } from '../resources.ts';

const datasetSchema = z.strictObject({
  title: z.string(),
  /** What users call it; compared without case and punctuation, and only at the beginning. */
  names: z.array(z.string()).min(1),
  users: z.int().positive().optional(),
  /** Of a click log, which has no users, its rows. */
  interactions: z.int().positive().optional(),
});

const footnoteSchema = z.strictObject({
  text: z.string(),
  /** What it is about: models, data sets and metrics of the source; all of them where left out. */
  models: z.array(z.string()).optional(),
  datasets: z.array(z.string()).optional(),
  metrics: z.array(z.string()).optional(),
});

const resultSchema = z.strictObject({
  /** As the source calls it. */
  model: z.string(),
  /** The model here, or null where there is none. */
  id: z.string().nullable(),
  /** Blocks of its encoder, which tell a large variant from the base. */
  blocks: z.int().positive().optional(),
  /** One a metric of the source; null where it states none. */
  values: z.array(z.number().nullable()),
});

const sourceSchema = z
  .strictObject({
    id: z.string(),
    /** As the head of a column has it: "Rajput 2023". */
    name: z.string(),
    /** "NeurIPS", or that it is a repository. */
    venue: z.string(),
    /** To the paper or, where the numbers stand there, to the repository. */
    link: z.url({ protocol: /^https$/ }),
    title: z.string(),
    where: z.string(),
    /** In one line. */
    protocol: z.string(),
    /** Fields of a `Protocol` as far as the source states them. */
    states: z.object({ split: z.string() }).catchall(z.union([z.string(), z.number()])),
    /** Models that the source itself proposes; its results of all others are independent runs of them. */
    own: z.array(z.string()).default([]),
    /** Such as "ndcg@10", of the test items. */
    metrics: z.array(z.string()).min(1),
    /** By data set. */
    results: z.record(z.string(), z.array(resultSchema).min(1)),
    footnotes: z.array(footnoteSchema),
  })
  .refine(
    ({ metrics, results }) =>
      Object.values(results).every((rows) => rows.every(({ values }) => values.length === metrics.length)),
    'a result needs one value for each metric',
  );

export type PublishedDataset = z.output<typeof datasetSchema>;
export type PublishedFootnote = z.output<typeof footnoteSchema>;
export type PublishedResult = z.output<typeof resultSchema>;
export type PublishedSource = z.output<typeof sourceSchema>;

export interface PublishedResults {
  datasets: Record<string, PublishedDataset>;
  sources: PublishedSource[];
}

function parseFile<T>(path: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const what = issue ? `${issue.path.join('.')}: ${issue.message}` : messageOf(error);
    throw new UserError(`${path}: not a file of published results (${what})`);
  }
}

/** Reads a folder of sources, by default the one that ships. Throws UserError for a file that is not as it should be. */
export function readPublished(folder = shippedFolder('published')): PublishedResults {
  const datasets = parseFile(join(folder, 'datasets.json'), z.record(z.string(), datasetSchema));
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'datasets.json');
  const sources = files.sort().map((name) => {
    const path = join(folder, name);
    const source = parseFile(path, sourceSchema);
    const unknown = Object.keys(source.results).find((id) => !datasets[id]);
    if (unknown !== undefined) throw new UserError(`${path}: "${unknown}" is none of the data sets`);
    return source;
  });
  return { datasets, sources };
}

/** Throws UserError that lists the sources. */
export function findSource({ sources }: PublishedResults, id: string): PublishedSource {
  const source = sources.find((candidate) => candidate.id === id.toLowerCase());
  if (source) return source;
  const known = sources.map((candidate) => candidate.id).join(', ');
  throw new UserError(`there are no published results of "${id}"; choose one of: ${known}`);
}

/** The footnotes of a data set's results: those about single rows or values in the order of these, and all others. */
export function footnotesOf(
  { footnotes, metrics, results }: PublishedSource,
  dataset: string,
): { marked: PublishedFootnote[]; general: PublishedFootnote[] } {
  const about = footnotes.filter(({ datasets }) => datasets === undefined || datasets.includes(dataset));
  const general = about.filter((note) => note.models === undefined && note.metrics === undefined);
  const places = about
    .filter((note) => !general.includes(note))
    .map((note) => ({
      note,
      row: results[dataset].findIndex(({ model }) => note.models?.includes(model) ?? true),
      column: metrics.findIndex((metric) => note.metrics?.includes(metric)),
    }));
  const present = places.filter(({ row }) => row >= 0);
  const ordered = present.toSorted((a, b) => a.row - b.row || a.column - b.column);
  return { marked: ordered.map(({ note }) => note), general };
}

/**
 * Whether a difference to a source's numbers says something: not where one side holds out by time and the other each user's last
 * interaction. A protocol that is not known is taken to be alike.
 */
export function hasSplitOf(
  { states }: Pick<PublishedSource, 'states'>,
  split: string | null | undefined,
): boolean {
  const kind = (name: string) => name.replace(/-without-validation$/, '');
  return split == null || kind(split) === kind(states.split);
}

export interface DatasetMatch {
  id: string;
  /** Why it is this one, and whether the counts agree; a sentence without its end. */
  how: string;
}

/** A copy of a log may lack so large a share of its rows; with any other number it is another log of the name. */
const SAME_LOG = 0.02;

const bare = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * The published data set that an imported one is: the one with the same numbers of users and interactions, else the
 * one whose name its own begins with. Null where none is.
 */
export function matchDataset(
  { datasets }: PublishedResults,
  imported: { name: string; users?: number; interactions?: number },
): DatasetMatch | null {
  const entries = Object.entries(datasets);
  const stated = imported.users !== undefined && imported.interactions !== undefined;
  const counted = entries.find(
    ([, { users, interactions }]) =>
      stated && users !== undefined && users === imported.users && interactions === imported.interactions,
  );
  if (counted) return { id: counted[0], how: 'has the published numbers of users and interactions' };
  const named = entries.find(([, { names }]) =>
    names.some((name) => bare(imported.name).startsWith(bare(name))),
  );
  if (!named) return null;
  const [id, { users, interactions }] = named;
  if (users === undefined && interactions !== undefined && imported.interactions !== undefined) {
    const share = imported.interactions / interactions;
    if (share < 1 - SAME_LOG || share > 1 + SAME_LOG) return null;
    return { id, how: `is matched by its name and its ${withCommas(imported.interactions)} rows` };
  }
  const known = users !== undefined && interactions !== undefined;
  if (!known) return { id, how: 'is matched by its name alone; another cut of it cannot be told' };
  if (!stated) return { id, how: 'is matched by its name; its own counts are not known' };
  const counts = (u: number, n: number) => `${withCommas(u)} users and ${withCommas(n)}`;
  return {
    id,
    how:
      `is matched by its name but has ${counts(imported.users ?? 0, imported.interactions ?? 0)} interactions instead ` +
      `of ${counts(users, interactions)}: the results cannot be compared directly`,
  };
}

/** The published result that a run stands beside: of its model and, where there are several, of as many blocks. */
export function matchResult(
  results: readonly PublishedResult[],
  run: { model: string; blocks?: number },
): PublishedResult | null {
  const candidates = results.filter(({ id }) => id === run.model);
  return candidates.find(({ blocks }) => blocks === run.blocks) ?? candidates[0] ?? null;
}

/** Every published number, as a row of a table. */
export function* publishedRows(): Generator<(string | number | null)[]> {
  for (const { name, venue, link, protocol, states, metrics, results } of readPublished().sources)
    for (const [dataset, rows] of Object.entries(results))
      for (const { model, values } of rows)
        for (const [at, metric] of metrics.entries())
          yield [name, venue, dataset, model, metric, values[at], states.split, protocol, link];
}
