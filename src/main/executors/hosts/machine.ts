/** Asks a machine about itself: a host, or a node of a cluster. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Host, HostFacts } from '../../../core/api/hosts.ts';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { batchScript } from '../jobs/batch-script.ts';
import type { RemoteProgram } from '../shipping/ship.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** How long a check waits for a node of the cluster. */
const NODE_SECONDS = 120;

const compared = z.object({
  processor: z.object({ model: z.string(), instructions: z.string() }),
  numbers: z.object({ digest: z.string(), losses: z.array(z.number()) }),
});
const machine = compared.extend({
  node: z.string().nullable(),
  devices: z.array(
    z.object({ id: z.string(), usable: z.boolean(), preferred: z.boolean(), detail: z.string() }),
  ),
  gpus: z.array(z.string()),
  internet: z.boolean(),
});

export type ComparedMachine = z.output<typeof compared>;
export type Machine = z.output<typeof machine>;

/**
 * "$1" a folder to be made, "$2" for how many seconds a node is waited for, then what submits a job, whose script is stdin.
 * Writes what the job writes.
 */
const askNode = (kind: SchedulerKind) => `folder="$1"
left="$2"
shift 2
mkdir "$folder" && cd "$folder" && cat > job.sh || exit 1
id=
trap '[ -z "$id" ] || ${SCHEDULERS[kind].shell.cancel} 2>/dev/null >&2; cd / && rm -rf "$folder"' EXIT
said=$("$@" job.sh) || exit 1
id=$(printf '%s\\n' "$said" | sed -n 's/^[^0-9]*\\([0-9][0-9]*\\).*/\\1/p' | head -n 1)
echo "$id" > job-number
while [ ! -f exit-code ]; do
  if [ "$left" = 0 ]; then echo "no node was free in time: $(${SCHEDULERS[kind].shell.why})" >&2; exit 1; fi
  left=$((left - 1))
  sleep 1
done
read -r code < exit-code
if [ "$code" = 0 ]; then tail -n 1 output.log; else cat output.log job.log >&2; fi
exit "$code"`;

/** On a cluster, a short job asks a node; it is submitted as trainings are. */
export async function askMachine(
  connection: SshConnection,
  { node, entry }: RemoteProgram,
  { host, facts, signal }: { host: Host; facts: HostFacts; signal?: AbortSignal },
): Promise<Machine> {
  const command = [node, entry('machine')];
  const { scheduler } = facts;
  const asked = { what: 'trying its devices', silenceMs: 300_000, signal };
  const folder = `${facts.root}/check-${randomUUID()}.tmp`;
  const options = { ...host.job, time: '5' };
  const job = { tasks: [{ folder, command }], options };
  if (scheduler === null)
    return machine.parse(JSON.parse(await connection.run({ ...asked, script: '"$@"', args: command })));
  const { submit, submissionOptions, optionsOf } = SCHEDULERS[scheduler.kind];
  const submission = { name: 'tessera-check', output: `${folder}/job.log`, array: null };
  const given = [...submissionOptions(submission), ...optionsOf(options)];
  const args = [folder, String(NODE_SECONDS), ...submit.command, ...given.flat()];
  const stdin = batchScript(job, scheduler);
  const said = await connection.run({ ...asked, script: askNode(scheduler.kind), args, stdin });
  return machine.parse(JSON.parse(said));
}
