/** The commands that do in a terminal what the window does, as the window shows them and reports print them. */

import { terminalQuote } from '../names.ts';
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
export function trainCommands({ commandLine, platform }: Terminal, request: RunsToMake): string {
  const {
    model,
    preset,
    overrides = {},
    dataset,
    seeds,
    device,
    threads,
    on,
    job = {},
    name,
    project,
  } = request;
  return seeds
    .map((seed) => {
      const named = name && seeds.length > 1 ? `${name}-seed${seed}` : name;
      return commandOf({ commandLine, platform }, 'train', [
        ['dataset', dataset],
        ['model', model],
        ['preset', preset],
        ...settingOptions(overrides),
        ['seed', String(seed)],
        ...placeOptions({ device, threads, on, job }),
        ['name', named],
        ['project', project],
      ]);
    })
    .join('\n');
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
