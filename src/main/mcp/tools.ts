/** The tools of the MCP server: what each does to the world, what it takes, and the command that answers it. */
import { z } from 'zod';

export interface McpTool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  /** reads: nothing changes; adds: there is more after it, and nothing is lost. */
  effect: 'reads' | 'adds';
  /** Names the field of a path, which must lie in an allowed folder. */
  path?: string;
  /** Arguments of the command line. */
  command(input: Record<string, unknown>): string[];
}

function tool<Input extends z.ZodObject>(
  spec: Omit<McpTool, 'input' | 'command'> & { input: Input; command(input: z.output<Input>): string[] },
): McpTool {
  return { ...spec, command: (input) => spec.command(spec.input.parse(input)) };
}

const text = z.string().trim().min(1).max(500);
const run = text.describe('name or id of a run');
const dataset = text.describe('name or id of a data set');
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** An option with its value in one argument, so that no value is taken for another option. */
const option = (name: string, value: unknown) => (value === undefined ? [] : [`--${name}=${String(value)}`]);
/** Arguments by place, behind which nothing is an option. */
const operands = (...values: string[]) => ['--', ...values];

export const MCP_TOOLS: readonly McpTool[] = [
  tool({
    name: 'list_runs',
    title: 'List runs',
    description: 'Lists runs, newest first, with their status and main metrics.',
    effect: 'reads',
    input: z.object({ project: text.optional(), limit: z.int().min(1).max(200).default(50) }),
    command: ({ project, limit }) => [
      'runs',
      'list',
      ...option('project', project),
      ...option('limit', limit),
    ],
  }),
  tool({
    name: 'show_run',
    title: 'Show a run',
    description: "Shows a run's configuration, protocol, progress and results.",
    effect: 'reads',
    input: z.object({ run }),
    command: (input) => ['runs', 'show', ...operands(input.run)],
  }),
  tool({
    name: 'compare_runs',
    title: 'Compare runs',
    description:
      'Compares runs as Markdown: means over seeds, differences from a baseline with intervals, and corrected paired tests per user. ' +
      'A difference that the test does not find must not be called one. With slices it also says for which items and users.',
    effect: 'reads',
    input: z.object({
      runs: z.array(run).min(1).max(50),
      baseline: run.optional(),
      metrics: z.array(text).max(20).optional().describe('such as ndcg@10'),
      slices: z.boolean().default(false),
    }),
    command: ({ runs, baseline, metrics, slices }) => [
      ...['compare', '--format=md', ...option('baseline', baseline)],
      ...option('metrics', metrics?.join(',')),
      ...(slices ? ['--slices'] : []),
      ...operands(...runs),
    ],
  }),
  tool({
    name: 'recommend',
    title: 'Recommend',
    description: 'Shows what a run recommends to one user, with the recent history of that user.',
    effect: 'reads',
    input: z.object({
      run,
      user: text.describe("the user's own id, as in the imported files"),
      k: z.int().min(1).max(1000).default(10),
      heldOut: z.boolean().default(false).describe('the list in which the test item was ranked'),
    }),
    command: ({ user, k, heldOut, ...input }) => [
      ...['recommend', ...option('run', input.run), ...option('user', user), ...option('k', k)],
      ...(heldOut ? ['--held-out'] : []),
    ],
  }),
  tool({
    name: 'list_datasets',
    title: 'List data sets',
    description: 'Lists the data sets with their sizes.',
    effect: 'reads',
    input: z.object({}),
    command: () => ['datasets', 'list'],
  }),
  tool({
    name: 'show_dataset',
    title: 'Show a data set',
    description: 'Shows the statistics of a data set, where it came from and which runs were trained on it.',
    effect: 'reads',
    input: z.object({ dataset }),
    command: (input) => ['datasets', 'show', ...operands(input.dataset)],
  }),
  tool({
    name: 'list_models',
    title: 'List models',
    description:
      'Lists the models that can be trained; with a model its settings, their defaults and presets.',
    effect: 'reads',
    input: z.object({ model: text.optional() }),
    command: ({ model }) => ['models', ...(model === undefined ? [] : operands(model))],
  }),
  tool({
    name: 'published_results',
    title: 'Published results',
    description: 'Shows what papers and repositories report, and on which data sets.',
    effect: 'reads',
    input: z.object({}),
    command: () => ['published'],
  }),
  tool({
    name: 'describe_tables',
    title: 'Describe the tables',
    description: 'Lists the views that query reads, with their columns.',
    effect: 'reads',
    input: z.object({}),
    command: () => ['sql'],
  }),
  tool({
    name: 'query',
    title: 'Query',
    description: 'Answers one SQLite SELECT over the views of describe_tables. Nothing can be changed.',
    effect: 'reads',
    input: z.object({
      sql: z.string().trim().min(1).max(20_000),
      limit: z.int().min(1).max(1000).default(200),
    }),
    command: ({ sql, limit }) => ['sql', ...option('limit', limit), ...operands(sql)],
  }),
  tool({
    name: 'look_at_results',
    title: 'Look at results of another program',
    description: 'Measures a file of recommendations of another program on a data set, and keeps nothing.',
    effect: 'reads',
    path: 'file',
    input: z.object({ file: text, dataset }),
    command: (input) => [
      'results',
      'import',
      '--preview',
      ...option('dataset', input.dataset),
      ...operands(input.file),
    ],
  }),
  tool({
    name: 'enqueue_run',
    title: 'Queue a run',
    description:
      'Puts a new run at the end of the queue. It trains on this computer while Tessera is open, and may take hours.',
    effect: 'adds',
    input: z.object({
      dataset,
      model: text,
      preset: text.optional(),
      settings: settings.default({}).describe('settings that differ from the preset or the defaults'),
      seed: z.int().min(0).default(1),
      name: text.optional(),
    }),
    command: ({ model, preset, seed, name, ...input }) => [
      ...['train', '--queue', ...option('dataset', input.dataset), ...option('model', model)],
      ...[...option('preset', preset), ...option('seed', seed), ...option('name', name)],
      ...Object.entries(input.settings).map(([key, value]) => `--set=${key}=${value}`),
    ],
  }),
  tool({
    name: 'import_dataset',
    title: 'Import a data set',
    description: 'Imports a file or folder of interactions as a new data set.',
    effect: 'adds',
    path: 'path',
    input: z.object({ path: text, name: text }),
    command: ({ path, name }) => ['datasets', 'import', ...option('name', name), ...operands(path)],
  }),
  tool({
    name: 'import_results',
    title: 'Keep results of another program',
    description:
      'Measures a file of recommendations of another program on a data set, and keeps them as a run beside the others.',
    effect: 'adds',
    path: 'file',
    input: z.object({ file: text, dataset, program: text.optional(), model: text.optional() }),
    command: ({ file, program, model, ...input }) => [
      ...['results', 'import', ...option('dataset', input.dataset), ...option('program', program)],
      ...[...option('model', model), ...operands(file)],
    ],
  }),
];
