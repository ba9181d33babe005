import { jobArguments } from '../../core/api/hosts.ts';
import { type EnqueueRequest, terminalQuote } from '../../core/api/queue.ts';
import type { SystemInfo } from '../../core/api/settings.ts';

type Terminal = Pick<SystemInfo, 'commandLine' | 'platform'>;
export type CommandRequest = Pick<EnqueueRequest, 'model' | 'dataset' | 'seeds' | 'device'> &
  Partial<Pick<EnqueueRequest, 'preset' | 'overrides' | 'threads' | 'on' | 'job' | 'name' | 'project'>>;

/**
 * The commands that do the same in a terminal, one a seed and line. `commandLine` is how the program is called and `platform`
 * what the terminal is of, as `settings.system` tells them.
 */
export function trainCommands({ commandLine, platform }: Terminal, request: CommandRequest): string {
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
      const options: [string, string | undefined][] = [
        ['dataset', dataset],
        ['model', model],
        ['preset', preset],
        ...Object.entries(overrides).map(([key, value]): [string, string] => [
          'set',
          `${key}=${setText(value)}`,
        ]),
        ['seed', String(seed)],
        ['device', device === 'auto' ? undefined : device],
        ['threads', threads === undefined ? undefined : String(threads)],
        ['on', on],
        ...jobArguments(job),
        ['name', named],
        ['project', project],
      ];
      const given = options.flatMap(([option, value]) =>
        value ? [`--${option} ${terminalQuote(value, platform)}`] : [],
      );
      return `${commandLine} train ${given.join(' ')}`;
    })
    .join('\n');
}

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
