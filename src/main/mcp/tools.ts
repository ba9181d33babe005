/** The tools of the MCP server: what each does to the world, and the command that answers it. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { CliCommand } from '../cli/command.ts';

export interface McpTool {
  name: string;
  title: string;
  description: string;
  /** Of the command line: its arguments and options are what the tool takes, so that new ones are there by themselves. */
  command: string;
  /** Options with which it is always called. */
  fixed?: readonly string[];
  /** Options that the tool does not have: what writes files, or is for a person at a terminal. */
  without?: readonly string[];
  /** What the tool calls an argument or option that has another name there. */
  names?: Readonly<Record<string, string>>;
  /** A view of `sql` whose rows of one run are answered, in place of a query that the client writes. */
  view?: 'ranks' | 'points';
  /** What is asked where nothing is said. */
  defaults?: Readonly<Record<string, number>>;
  /** How long it may take; by default some minutes. */
  seconds?: number;
}

/** How a field of a tool becomes arguments of the command line. */
interface Field {
  schema: z.ZodType;
  /** The option, or null for an argument by place; empty where there is only one that says no. */
  option: string | null;
  /** The option that says no, where there is one. */
  negated?: string;
}

/** A tool whose fields are known. */
export interface DescribedTool extends McpTool {
  fields: Readonly<Record<string, Field>>;
  input: z.ZodObject;
}

const MOST_CHARACTERS = 20_000;
const MOST_ENTRIES = 200;
const value = z.union([z.string().trim().min(1).max(MOST_CHARACTERS), z.number(), z.boolean()]);
const list = z.union([value, z.array(value).min(1).max(MOST_ENTRIES)]);
const record = z
  .record(z.string().min(1).max(200), value)
  .refine((entries) => Object.keys(entries).length <= MOST_ENTRIES, `at most ${MOST_ENTRIES} entries`);

/** What a tool takes, as its command says it. */
export function describeTool(tool: McpTool, command: CliCommand): DescribedTool {
  const { without = [], names = {}, defaults = {} } = tool;
  const fields: Record<string, Field> = {};
  const shape: Record<string, z.ZodType> = {};
  const add = (name: string, option: string | null, schema: z.ZodType, about: string, isNeeded: boolean) => {
    const field = names[name] ?? name;
    fields[field] = { schema, option };
    const described = schema.describe(about);
    shape[field] =
      field in defaults ? described.default(defaults[field]) : isNeeded ? described : described.optional();
  };
  if (tool.view) add('run', null, value, 'the run, by its id or name', true);
  for (const argument of tool.view ? [] : command.registeredArguments) {
    const schema = argument.variadic ? list : value;
    add(argument.name(), null, schema, argument.description || `the ${argument.name()}`, argument.required);
  }
  for (const option of command.options) {
    const name = option.attributeName();
    const twin = command.options.find((one) => one !== option && one.attributeName() === name);
    if (option.hidden || (option.negate && twin) || without.includes(name)) continue;
    const long = option.negate ? '' : String(option.long);
    add(name, long, schemaOf(option), option.description, option.mandatory);
    const opposite = option.negate ? option : twin;
    if (opposite?.negate && opposite.long) fields[names[name] ?? name].negated = opposite.long;
  }
  return { ...tool, fields, input: z.strictObject(shape) };
}

function schemaOf({ required, optional, argChoices, flags }: CliCommand['options'][number]): z.ZodType {
  if (!required && !optional) return z.boolean();
  if (argChoices) return z.enum(argChoices);
  return /<[^>]*=/.test(flags) ? record : list;
}

/** Arguments of the command line for what a client asks. Throws for what the tool does not take, and for a file to write that is there. */
export function argumentsOf(
  { command, fixed = [], view, fields, input }: DescribedTool,
  given: object,
): string[] {
  const asked = Object.entries(input.parse(given)).filter(([, answer]) => answer !== undefined);
  const options = asked.flatMap(([field, answer]) => optionsOf(fields[field], answer));
  const operands = asked.flatMap(([field, answer]) =>
    fields[field].option === null
      ? [answer].flat().map((one) => (view ? rowsOf(view, one) : String(one)))
      : [],
  );
  const out = asked.find(([field]) => field === 'out')?.[1];
  if (typeof out === 'string' && existsSync(out))
    throw new UserError(`${out} is there already: name another`);
  if (operands.includes('-')) throw new UserError('"-" stands for the standard input, which is not yours');
  // Behind it nothing is an option.
  return [...command.split(' '), ...fixed, ...options, ...(operands.length > 0 ? ['--', ...operands] : [])];
}

/** Rows of a run, which is named by its id or name. */
function rowsOf(view: string, run: unknown): string {
  const text = `'${String(run).replaceAll("'", "''")}'`;
  return `SELECT * FROM ${view} WHERE run IN (SELECT id FROM runs WHERE id = ${text} OR name = ${text})`;
}

/** An option with its value in one argument, so that no value is taken for another option. */
function optionsOf({ option, negated }: Field, answer: unknown): string[] {
  if (option === null) return [];
  if (answer === false) return negated === undefined ? [] : [negated];
  if (answer === true) return option === '' ? [] : [option];
  if (typeof answer !== 'object' || answer === null) return [`${option}=${answer}`];
  if (Array.isArray(answer)) return [`${option}=${answer.join(',')}`];
  return Object.entries(answer).map(([key, inner]) => `${option}=${key}=${inner}`);
}

const TO_FILES = ['out', 'to', 'standalone', 'appendix', 'format', 'savePlan'];

/** Nothing changes. */
export const READING_TOOLS: readonly McpTool[] = [
  {
    name: 'list_runs',
    title: 'List runs',
    description: 'Lists runs, newest first, with their status and main metrics.',
    command: 'runs list',
    defaults: { limit: 50 },
  },
  {
    name: 'show_run',
    title: 'Show a run',
    description: "Shows a run's configuration, protocol, progress and results.",
    command: 'runs show',
    without: TO_FILES,
  },
  {
    name: 'compare_runs',
    title: 'Compare runs',
    description:
      'Compares runs as Markdown: means over seeds, differences from a baseline with intervals, and corrected paired tests per user. ' +
      'A difference that the test does not find must not be called one. With slices it also says for which items and users.',
    command: 'compare',
    fixed: ['--format=md'],
    without: TO_FILES,
    names: { run: 'runs' },
  },
  {
    name: 'show_ranks',
    title: 'Show ranks',
    description: "Says where each user's held-out item was ranked by a run, a row each.",
    command: 'sql',
    view: 'ranks',
    without: ['csv'],
    defaults: { limit: 200 },
    seconds: 30,
  },
  {
    name: 'show_curves',
    title: 'Show curves',
    description: 'Shows every point of every metric that a run noted while it trained.',
    command: 'sql',
    view: 'points',
    without: ['csv'],
    defaults: { limit: 200 },
    seconds: 30,
  },
  {
    name: 'check_plan',
    title: 'Check a plan',
    description:
      'Says of a plan file what there is of it, what is still to be trained, and for how long; mistakes with their line.',
    command: 'plan check',
  },
  {
    name: 'show_plan',
    title: 'Show the tables of a plan',
    description:
      'Shows the tables of a plan file, as Markdown, from the runs that there are, and what is missing.',
    command: 'plan table',
    fixed: ['--style=markdown'],
    without: [...TO_FILES, 'style'],
  },
  {
    name: 'check_reproduction',
    title: 'Check a reproduction',
    description:
      'Says of a run, a report or a bundle whether data, settings, version and machine are those of then, so that its numbers would come out the same; trains nothing.',
    command: 'reproduce',
    fixed: ['--check'],
    without: ['check', 'anyway'],
  },
  {
    name: 'recommend',
    title: 'Recommend',
    description: 'Shows what a run recommends to one user, with the recent history of that user.',
    command: 'recommend',
    without: [...TO_FILES, 'all'],
  },
  {
    name: 'list_datasets',
    title: 'List data sets',
    description: 'Lists the data sets with their sizes.',
    command: 'datasets list',
  },
  {
    name: 'show_dataset',
    title: 'Show a data set',
    description: 'Shows the statistics of a data set, where it came from and which runs were trained on it.',
    command: 'datasets show',
  },
  {
    name: 'list_models',
    title: 'List models',
    description:
      'Lists the models that can be trained; with a model its settings, their defaults and presets.',
    command: 'models',
    names: { id: 'model' },
  },
  {
    name: 'published_results',
    title: 'Published results',
    description: 'Shows what papers and repositories report, and on which data sets.',
    command: 'published',
  },
  {
    name: 'describe_tables',
    title: 'Describe the tables',
    description: 'Lists the views that query reads, with their columns.',
    command: 'sql',
    without: ['query', 'limit', 'csv'],
  },
  {
    name: 'query',
    title: 'Query',
    description: 'Answers one SQLite SELECT over the views of describe_tables. Nothing can be changed.',
    command: 'sql',
    names: { query: 'sql' },
    defaults: { limit: 200 },
    seconds: 30,
  },
  {
    name: 'look_at_results',
    title: 'Look at results of another program',
    description: 'Measures a file of recommendations of another program on a data set, and keeps nothing.',
    command: 'results import',
    fixed: ['--preview'],
    without: ['preview'],
  },
];

/** There is more after them, and nothing is lost. */
export const ADDING_TOOLS: readonly McpTool[] = [
  {
    name: 'enqueue_run',
    title: 'Queue a run',
    description:
      'Puts a new run at the end of the queue. It trains on this computer while Tessera is open, and may take hours. ' +
      'Settings are those that differ from the preset or the defaults.',
    command: 'train',
    fixed: ['--queue'],
    without: ['queue', 'resume', 'on', 'partition', 'account', 'time', 'memory', 'gpus', 'line'],
    names: { set: 'settings' },
  },
  {
    name: 'import_dataset',
    title: 'Import a data set',
    description: 'Imports a file or folder of interactions as a new data set.',
    command: 'datasets import',
  },
  {
    name: 'import_results',
    title: 'Keep results of another program',
    description:
      'Measures a file of recommendations of another program on a data set, and keeps them as a run beside the others.',
    command: 'results import',
    without: ['preview'],
  },
  {
    name: 'write_split',
    title: 'Write a split',
    description:
      'Writes what may be trained on, and what is held out of a data set, into a new folder, which lies in an allowed one.',
    command: 'datasets export',
    without: ['to'],
  },
  {
    name: 'write_bundle',
    title: 'Write a bundle',
    description:
      'Writes runs, or a saved comparison, as one archive without the data, from which others check a table and make it again.',
    command: 'bundle',
    without: ['to'],
  },
];
