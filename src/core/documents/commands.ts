/** The commands that do in a terminal what the window does, as the window shows them and reports print them. */

import { terminalQuote } from '../names.ts';
import { seedsText } from '../seeds.ts';
import { settingText } from '../setting-value.ts';
import type { SearchSpace, SweepQuestion } from '../store/home/study-spec.ts';
import { type JobOptions, jobArguments } from '../training/job-options.ts';

/** How the program is called, and what its terminal is of. */
interface Terminal {
  commandLine: string;
  platform: string;
}

/** Where a run is trained. */
interface Place {
  device: string;
  threads?: number;
  on?: string;
  job?: JobOptions;
}

/** Runs as they are asked for. */
interface RunsToMake extends Place {
  model: string;
  preset?: string;
  overrides?: Readonly<Record<string, unknown>>;
  dataset: string;
  seeds: readonly number[];
  name?: string;
  project?: string;
}

/** A search or a study as it is asked for, also one whose settings are no longer the published ones. */
export type StudyToMake = Place & {
  dataset: string;
  overrides: Readonly<Record<string, unknown>>;
  seeds: readonly number[];
} & (
    | { kind: 'law'; model: string; preset?: string; sizes: readonly string[]; shares: readonly number[] }
    | { kind: 'base-large'; models: readonly string[]; settings?: string; blocks: readonly number[] }
    | ({ kind: 'sweep'; model: string; preset?: string } & SweepQuestion)
  );

/** The commands that do the same in a terminal, one a seed and line. */
export function trainCommands(terminal: Terminal, { seeds, name, ...request }: RunsToMake): string {
  return seeds
    .map((seed) => {
      const named = name && seeds.length > 1 ? `${name}-seed${seed}` : name;
      return trainCommand(terminal, { ...request, seeds: [seed], name: named });
    })
    .join('\n');
}

/** One command for all seeds, which adds "-seed1" to the name where there are several. */
export function trainCommand(terminal: Terminal, request: RunsToMake): string {
  const { model, preset, overrides = {}, dataset, seeds, device, threads, on, job, name, project } = request;
  return commandOf(terminal, 'train', [
    ['dataset', dataset],
    ['model', model],
    ['preset', preset],
    ...settingOptions(overrides),
    ['seed', seedsText(seeds).replaceAll(' ', '')],
    ...placeOptions({ device, threads, on, job }),
    ['name', name],
    ['project', project],
  ]);
}

/** A data set as it was imported: `options` are those that its record has, `files` the names of its files. */
interface DatasetToImport {
  name: string;
  files: readonly string[];
  options: Readonly<Record<string, unknown>>;
}

/** Options of the import by the keys of its record, apart from those that are named otherwise or need no value. */
const IMPORT_OPTIONS = {
  preset: 'preset',
  minUser: 'min-user',
  minItem: 'min-item',
  minRating: 'min-rating',
  from: 'from',
  to: 'to',
  ties: 'ties',
  dedupe: 'dedupe',
  separator: 'separator',
  encoding: 'encoding',
};
/** What an import does without a word. */
const IMPORT_DEFAULTS: Readonly<Record<string, unknown>> = {
  ...{ minUser: 0, minItem: 0, ties: 'file', dedupe: 'none' },
};

/** The command that imports a data set as it was; what no option says is detected in the same files alike. */
export function importCommand(
  { commandLine, platform }: Terminal,
  { name, files, options }: DatasetToImport,
): string {
  const { map, kind, ties, seed, header, skipBadRows } = options;
  const roles = Object.entries((map ?? {}) as Record<string, unknown>);
  const given: Option[] = [
    ['map', roles.map(([role, column]) => `${role}=${column}`).join(',')],
    ['kind', kind === 'auto' || kind === undefined ? undefined : String(kind)],
    ...Object.entries(IMPORT_OPTIONS).map(([key, option]): Option => {
      const value = options[key] ?? undefined;
      return [
        option,
        value === IMPORT_DEFAULTS[key] ? undefined : value === undefined ? value : String(value),
      ];
    }),
    ['seed', ties === 'shuffle' ? String(seed) : undefined],
    ['name', name],
  ];
  const flags = [
    ...(header === undefined ? [] : [header ? '--header' : '--no-header']),
    ...(skipBadRows ? ['--skip-bad-rows'] : []),
  ];
  // A file may be called as an option is.
  const paths = files.map((file) => terminalQuote(file.startsWith('-') ? `./${file}` : file, platform));
  const command = commandOf({ commandLine, platform }, ['datasets import', ...paths].join(' '), given);
  return [command, ...flags].join(' ');
}

type Option = [name: string, value: string | undefined];

function commandOf({ commandLine, platform }: Terminal, command: string, options: readonly Option[]): string {
  const given = options.flatMap(([option, value]) =>
    value ? [`--${option} ${terminalQuote(value, platform)}`] : [],
  );
  return `${commandLine} ${command} ${given.join(' ')}`;
}

const settingOptions = (overrides: Readonly<Record<string, unknown>>): Option[] =>
  Object.entries(overrides).map(([key, value]) => ['set', `${key}=${setText(value)}`]);

const placeOptions = ({ device, threads, on, job = {} }: Place): Option[] => [
  ['device', device === 'auto' ? undefined : device],
  ['threads', threads === undefined ? undefined : String(threads)],
  ['on', on],
  ...jobArguments(job),
];

const STUDY_COMMANDS = { sweep: 'sweep run', law: 'study run', 'base-large': 'study base-large' };

/** The command that makes and trains a search or a study. */
export function studyCommand(terminal: Terminal, name: string, request: StudyToMake): string {
  return commandOf(terminal, STUDY_COMMANDS[request.kind], [
    ['dataset', request.dataset],
    ...ownOptions(request),
    ...settingOptions(request.overrides),
    ['seeds', request.seeds.join(',')],
    ...placeOptions(request),
    ['name', name],
  ]);
}

/** What each kind alone has. */
function ownOptions(request: StudyToMake): Option[] {
  const listed = (options: Record<string, readonly unknown[]>) =>
    Object.entries(options).map(([name, values]): Option => [name, values.join(',')]);
  if (request.kind === 'base-large') {
    const { models, settings, blocks } = request;
    return listed({ models, settings: [settings], blocks });
  }
  const model: Option[] = [
    ['model', request.model],
    ['preset', request.preset],
  ];
  if (request.kind === 'law') return [...model, ...listed({ sizes: request.sizes, shares: request.shares })];
  const { vary, search, trials, draw, asha, stop = {}, finalists } = request;
  return [
    ...model,
    ...vary.map(varyOption),
    ...(search === 'tpe' ? listed({ search: [search] }) : []),
    ...(search === 'grid' ? [] : listed({ trials: [trials], draw: [draw] })),
    ...(asha ? listed({ asha: [asha.min], eta: [asha.eta] }) : []),
    ...listed({
      unimproved: stop.unimproved ? [stop.unimproved] : [],
      hours: stop.hours ? [stop.hours] : [],
    }),
    ...(finalists ? listed({ finalists: [finalists.trials], 'finalist-seeds': finalists.seeds }) : []),
  ];
}

const varyOption = ({ key, values, when = {} }: SearchSpace[number]): Option => [
  'vary',
  [
    `${key}=${values.startsWith('[') ? values : values.replaceAll(', ', ',')}`,
    ...Object.entries(when).map(([other, wanted]) => `${other}=${wanted.map(settingText).join(',')}`),
  ].join(' if '),
];

/** `--set` takes JSON, and what is no JSON as text; only text that is JSON by itself needs its quotes. */
function setText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}
