/** The tools of the MCP server: what each does to the world, and the command that answers it. */
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
  /** What is asked where nothing is said. */
  defaults?: Readonly<Record<string, number>>;
  /** How long it may take; by default some minutes. */
  seconds?: number;
}

/** How a field of a tool becomes arguments of the command line. */
interface Field {
  schema: z.ZodType;
  /** The option, or null for an argument by place. */
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
  for (const argument of command.registeredArguments) {
    const schema = argument.variadic ? list : value;
    add(argument.name(), null, schema, argument.description || `the ${argument.name()}`, argument.required);
  }
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.hidden || option.negate || without.includes(name)) continue;
    add(name, String(option.long), schemaOf(option), option.description, option.mandatory);
    const opposite = command.options.find((one) => one.negate && one.attributeName() === name);
    if (opposite?.long) fields[names[name] ?? name].negated = opposite.long;
  }
  return { ...tool, fields, input: z.strictObject(shape) };
}

function schemaOf({ required, optional, argChoices, flags }: CliCommand['options'][number]): z.ZodType {
  if (!required && !optional) return z.boolean();
  if (argChoices) return z.enum(argChoices);
  return /<[^>]*=/.test(flags) ? record : list;
}

/** Arguments of the command line for what a client asks. Throws for what the tool does not take. */
export function argumentsOf({ command, fixed = [], fields, input }: DescribedTool, given: object): string[] {
  const asked = Object.entries(input.parse(given)).filter(([, answer]) => answer !== undefined);
  const options = asked.flatMap(([field, answer]) => optionsOf(fields[field], answer));
  const operands = asked.flatMap(([field, answer]) =>
    fields[field].option === null ? [answer].flat().map(String) : [],
  );
  if (operands.includes('-')) throw new UserError('"-" stands for the standard input, which is not yours');
  // Behind it nothing is an option.
  return [...command.split(' '), ...fixed, ...options, ...(operands.length > 0 ? ['--', ...operands] : [])];
}

/** An option with its value in one argument, so that no value is taken for another option. */
function optionsOf({ option, negated }: Field, answer: unknown): string[] {
  if (option === null) return [];
  if (answer === false) return negated === undefined ? [] : [negated];
  if (answer === true) return [option];
  if (typeof answer !== 'object' || answer === null) return [`${option}=${answer}`];
  if (Array.isArray(answer)) return [`${option}=${answer.join(',')}`];
  return Object.entries(answer).map(([key, inner]) => `${option}=${key}=${inner}`);
}

const TO_FILES = ['out', 'to', 'standalone', 'appendix', 'format'];

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
];
