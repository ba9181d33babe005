/** The tools of the MCP server: what each does to the world, what it takes, and the command that answers it. */
import { z } from 'zod';

export interface McpTool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  /** Names the field of a path, which must lie in an allowed folder. */
  path?: string;
  /** Of the command line, with fixed options. */
  command: string;
  /** Fields that are arguments by place; every other one is an option of its name. */
  operands?: readonly string[];
}

const text = z.string().trim().min(1).max(500);
const run = text.describe('name or id of a run');
const dataset = text.describe('name or id of a data set');

/** Arguments of the command line for what a client asks. Throws for what the tool does not take. */
export function argumentsOf({ command, input, operands = [] }: McpTool, given: object): string[] {
  const asked = input.parse(given);
  const options = Object.entries(asked).filter(([field]) => !operands.includes(field));
  return [
    ...command.split(' '),
    ...options.flatMap(([field, value]) => optionsOf(field.replaceAll(/[A-Z]/g, '-$&').toLowerCase(), value)),
    // Behind it nothing is an option.
    ...(operands.length > 0 ? ['--'] : []),
    ...operands.flatMap((field) => (asked[field] ?? []) as string | string[]),
  ];
}

/** An option with its value in one argument, so that no value is taken for another option. */
function optionsOf(name: string, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`--${name}`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`--${name}=${value}`];
  return Object.entries(value).map(([key, inner]) => `--set=${key}=${inner}`);
}

/** Nothing changes. */
export const READING_TOOLS: readonly McpTool[] = [
  {
    name: 'list_runs',
    title: 'List runs',
    description: 'Lists runs, newest first, with their status and main metrics.',
    command: 'runs list',
    input: z.object({ project: text.optional(), limit: z.int().min(1).max(200).default(50) }),
  },
  {
    name: 'show_run',
    title: 'Show a run',
    description: "Shows a run's configuration, protocol, progress and results.",
    command: 'runs show',
    operands: ['run'],
    input: z.object({ run }),
  },
  {
    name: 'compare_runs',
    title: 'Compare runs',
    description:
      'Compares runs as Markdown: means over seeds, differences from a baseline with intervals, and corrected paired tests per user. ' +
      'A difference that the test does not find must not be called one. With slices it also says for which items and users.',
    command: 'compare --format=md',
    operands: ['runs'],
    input: z.object({
      runs: z.array(run).min(1).max(50),
      baseline: run.optional(),
      metrics: z.array(text).max(20).optional().describe('such as ndcg@10'),
      slices: z.boolean().default(false),
    }),
  },
  {
    name: 'recommend',
    title: 'Recommend',
    description: 'Shows what a run recommends to one user, with the recent history of that user.',
    command: 'recommend',
    input: z.object({
      run,
      user: text.describe("the user's own id, as in the imported files"),
      k: z.int().min(1).max(1000).default(10),
      heldOut: z.boolean().default(false).describe('the list in which the test item was ranked'),
    }),
  },
  {
    name: 'list_datasets',
    title: 'List data sets',
    description: 'Lists the data sets with their sizes.',
    command: 'datasets list',
    input: z.object({}),
  },
  {
    name: 'show_dataset',
    title: 'Show a data set',
    description: 'Shows the statistics of a data set, where it came from and which runs were trained on it.',
    command: 'datasets show',
    operands: ['dataset'],
    input: z.object({ dataset }),
  },
  {
    name: 'list_models',
    title: 'List models',
    description:
      'Lists the models that can be trained; with a model its settings, their defaults and presets.',
    command: 'models',
    operands: ['model'],
    input: z.object({ model: text.optional() }),
  },
  {
    name: 'published_results',
    title: 'Published results',
    description: 'Shows what papers and repositories report, and on which data sets.',
    command: 'published',
    input: z.object({}),
  },
  {
    name: 'describe_tables',
    title: 'Describe the tables',
    description: 'Lists the views that query reads, with their columns.',
    command: 'sql',
    input: z.object({}),
  },
  {
    name: 'query',
    title: 'Query',
    description: 'Answers one SQLite SELECT over the views of describe_tables. Nothing can be changed.',
    command: 'sql',
    operands: ['sql'],
    input: z.object({
      sql: z.string().trim().min(1).max(20_000),
      limit: z.int().min(1).max(1000).default(200),
    }),
  },
  {
    name: 'look_at_results',
    title: 'Look at results of another program',
    description: 'Measures a file of recommendations of another program on a data set, and keeps nothing.',
    path: 'file',
    command: 'results import --preview',
    operands: ['file'],
    input: z.object({ file: text, dataset }),
  },
];

/** There is more after them, and nothing is lost. */
export const ADDING_TOOLS: readonly McpTool[] = [
  {
    name: 'enqueue_run',
    title: 'Queue a run',
    description:
      'Puts a new run at the end of the queue. It trains on this computer while Tessera is open, and may take hours.',
    command: 'train --queue',
    input: z.object({
      dataset,
      model: text,
      preset: text.optional(),
      settings: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .default({})
        .describe('settings that differ from the preset or the defaults'),
      seed: z.int().min(0).default(1),
      name: text.optional(),
    }),
  },
  {
    name: 'import_dataset',
    title: 'Import a data set',
    description: 'Imports a file or folder of interactions as a new data set.',
    path: 'path',
    command: 'datasets import',
    operands: ['path'],
    input: z.object({ path: text, name: text }),
  },
  {
    name: 'import_results',
    title: 'Keep results of another program',
    description:
      'Measures a file of recommendations of another program on a data set, and keeps them as a run beside the others.',
    path: 'file',
    command: 'results import',
    operands: ['file'],
    input: z.object({ file: text, dataset, program: text.optional(), model: text.optional() }),
  },
];
