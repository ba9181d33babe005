import {
  HOST_CHECKS,
  type Host,
  type HostChanges,
  type HostCheckLine,
  SCHEDULERS,
  wayOf,
} from '../../../core/api/hosts.ts';
import { UserError } from '../../../core/errors.ts';
import { hostProgressText, hostVerdict } from '../../../core/host-words.ts';
import type { Store } from '../../../core/store/store.ts';
import { withProgram } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';
import { addJobOptions, type JobFlags, jobFrom } from '../job-options.ts';
import { wholeNumber } from '../options.ts';
import { cancellable } from '../terminal/cancellable.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

/** "Slurm, PBS, Grid Engine" */
const schedulers = Object.values(SCHEDULERS)
  .map(({ title }) => title)
  .join(', ');

/** Services of hosts are loaded by the commands that need them. */
const services = () => import('../../services/hosts.ts');

/** `host add | list | check | pause | resume | clean | remove`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('host')
    .summary(`prepare other machines for training, over ssh, alone or with a scheduler (${schedulers})`)
    .description(
      'Other machines for training, reached by your own ssh: hosts, keys and one-time passwords stay in your ssh config and agent. ' +
        'Nothing there needs root or keeps running.',
    )
    .helpCommand(false);
  const add = group
    .command('add <name>')
    .description(
      'Connects to a host of your ssh config and remembers it; of one that is known already, changes what is given. ' +
        `The options after --folder are for jobs on a cluster: ${schedulers}.`,
    )
    .option('--folder <path>', 'where Tessera keeps its files there (default: ~/.cache/tessera)');
  addJobOptions(add)
    .option('--at-once <n>', 'jobs that are there at once', wholeNumber(1))
    .examples('tessera host add lab-2', 'tessera host add cluster --partition gpu --time 4:00:00 --gpus 1')
    .ask(async (store, name: string, { folder, atOnce, ...job }: AddOptions) => {
      const { addHost } = await services();
      const hostJob = { ...jobFrom(job), ...(atOnce !== undefined && { atOnce }) };
      const host = await addHost(store, await changesFrom({ name, folder, job: hostJob }));
      return [host, `Added ${name}. Next: tessera host check ${name}`];
    });
  group
    .command('list')
    .description(
      'Lists the hosts that have been added, with the result of their last check and how they are now.',
    )
    .examples('tessera host list')
    .ask(async (store) => {
      const { listHosts } = await services();
      const hosts = listHosts(store);
      return [
        hosts,
        hosts.length > 0 ? listText(hosts, await nowText(store)) : 'No hosts yet: tessera host add NAME',
      ];
    });
  group
    .command('check <name>')
    .description(
      'Checks a host: connection, scheduler, devices, space and limits. Sends the program and its Node where they are missing, about 100 MB ' +
        'once, tries every device there, and compares the numbers of a small training with those of this machine; on a cluster by a short job.',
    )
    .examples('tessera host check lab-2', 'tessera host check cluster --json')
    .answer(check);
  group
    .command('pause [name]')
    .description(
      'Lets no more runs of the queue begin on a host, or on this machine without a NAME; what trains there continues.',
    )
    .examples('tessera host pause lab-2', 'tessera host pause')
    .ask((store, name?: string) => paused(store, name, true));
  group
    .command('resume [name]')
    .description('Lets runs of the queue begin on a host again, or on this machine without a NAME.')
    .examples('tessera host resume lab-2')
    .ask((store, name?: string) => paused(store, name, false));
  group
    .command('clean <name>')
    .description(
      'Removes what no run needs on a host: data sets, half-sent files, earlier versions of the program.',
    )
    .option('--all', 'remove all of Tessera’s files there')
    .examples('tessera host clean lab-2', 'tessera host clean lab-2 --all')
    .ask(async (store, name: string, { all }: { all?: boolean }) => {
      const { cleanKnownHost } = await services();
      const freedBytes = await cleanKnownHost(store, name, all ?? false);
      return [{ freedBytes }, `Freed ${Math.round(freedBytes / 1e6)} MB on ${name}.`];
    });
  group
    .command('remove <name>')
    .description('Forgets a host. What is there stays: "host clean NAME --all" removes it before.')
    .option('--give-up', 'also where runs are still to be ended: of a host that is gone for good')
    .examples('tessera host remove lab-2', 'tessera host remove old-lab --give-up')
    .ask(async (store, name: string, { giveUp }: { giveUp?: boolean }) => {
      const { removeHost } = await services();
      removeHost(store, name, giveUp ?? false);
      return [{ removed: name }, `Removed ${name}.`];
    });
}

async function paused(store: Store, name: string | undefined, isPaused: boolean): Promise<Answer> {
  const [{ findHost }, { pauseMachine }] = await Promise.all([
    services(),
    import('../../../core/store/runs/queue-requests.ts'),
  ]);
  const place = name === undefined ? '' : findHost(store, name).name;
  pauseMachine(store, place, isPaused);
  const title = name ?? 'This machine';
  const text = isPaused
    ? `${title} is paused: what trains there continues, and no other run of the queue begins.`
    : `${title} is resumed: runs of the queue begin there while Tessera is open.`;
  return [{ machine: place, paused: isPaused }, text];
}

interface AddOptions extends JobFlags {
  folder?: string;
  atOnce?: number;
}

/** Throws UserError for what an option may not be. */
async function changesFrom(given: HostChanges): Promise<HostChanges> {
  const { hostChanges } = await import('../../../core/api/hosts.ts');
  const parsed = hostChanges.safeParse(given);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const option = path[0] === 'job' ? 'at-once' : String(path[0]);
  throw new UserError(`${option === 'name' ? 'the name' : `"${option}"`} must be ${message}`);
}

async function check(context: CommandContext, name: string): Promise<Answer> {
  const [{ checkKnownHost }, { machineNumbers: here }] = await Promise.all([
    services(),
    import('../../../core/machine-numbers.ts'),
  ]);
  const host = await cancellable(context, { progress: hostProgressText }, (work) =>
    withStore(context, (store) => checkKnownHost(store, name, { here, ...work })),
  );
  if (host.report?.lines.some(({ state }) => state === 'problem')) process.exitCode = 1;
  return [host, checkText(host)];
}

const SIGNS = { ok: '', note: 'Note: ', problem: 'Problem: ' };

function checkText(host: Host): string {
  const lines = host.report?.lines ?? [];
  return [
    `${host.name} ${verdictText(host)}.`,
    '',
    factLines(lines.map((line) => [HOST_CHECKS[line.key], lineText(line)] as const)),
  ].join('\n');
}

function lineText({ state, text, aside, remedy }: HostCheckLine): string {
  const fix = remedy && `. ${remedy.title}: ${withProgram(remedy.command)}`;
  return [SIGNS[state], text, aside && ` (${aside})`, fix].filter(Boolean).join('');
}

function verdictText({ report }: Host): string {
  const { fact, limit } = hostVerdict(report);
  return limit === null ? fact : `${fact}, ${limit}`;
}

function listText(hosts: readonly Host[], now: Map<string, string>): string {
  const rows = hosts.map((host) => [
    host.name,
    wayOf(host.report?.facts),
    verdictText(host),
    now.get(host.name) ?? '',
  ]);
  return textTable(['Host', 'How', 'Last check', 'Now'], rows);
}

/** How each machine is, by name, as far as those that have its runs have told: "2 running", "Asks you". */
async function nowText(store: Store): Promise<Map<string, string>> {
  const [{ listHosts }, { machinesOf, stateOf }, { queueState }] = await Promise.all([
    services(),
    import('../../../core/machine-words.ts'),
    import('../../../core/store/runs/queue-state.ts'),
  ]);
  const time = store.machine.clock.now();
  const machines = machinesOf(listHosts(store), queueState(store, {}), {}, time);
  return new Map(machines.map((machine) => [machine.name, stateOf(machine, time).words]));
}
