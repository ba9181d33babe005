/** Asks a machine about itself: a host, or a node of a cluster. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Host, HostFacts } from '../../../core/api/hosts.ts';
import type { RemoteProgram } from '../shipping/ship.ts';
import { batchScript, sbatchArguments } from '../slurm/batch-script.ts';
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
 * "$1" a folder to be made, "$2" for how many seconds a node is waited for, then options of sbatch, whose script is stdin.
 * Writes what the job writes.
 */
const ASK_NODE = `folder="$1"
left="$2"
shift 2
mkdir "$folder" && cd "$folder" && cat > job.sh || exit 1
trap 'scancel "\${job%%;*}" 2>/dev/null; cd / && rm -rf "$folder"' EXIT
job=$(sbatch --parsable --job-name=tessera-check --output=slurm.log "$@" job.sh) || exit 1
echo "\${job%%;*}" > job-number
while [ ! -f exit-code ]; do
  if [ "$left" = 0 ]; then squeue -h -j "\${job%%;*}" -o 'no node was free in time: %T (%r)' >&2; exit 1; fi
  left=$((left - 1))
  sleep 1
done
read -r code < exit-code
if [ "$code" = 0 ]; then tail -n 1 output.log; else cat output.log slurm.log >&2; fi
exit "$code"`;

/** On a cluster, a short job asks a node; it is submitted as trainings are. */
export async function askMachine(
  connection: SshConnection,
  { node, entry }: RemoteProgram,
  { host, facts, signal }: { host: Host; facts: HostFacts; signal?: AbortSignal },
): Promise<Machine> {
  const command = [node, entry('machine')];
  const asked = { what: 'trying its devices', silenceMs: 300_000, signal };
  const folder = `${facts.root}/check-${randomUUID()}.tmp`;
  const options = { ...host.job, time: '5' };
  const job = { tasks: [{ folder, command }], options };
  const args = [folder, String(NODE_SECONDS), ...sbatchArguments(options)];
  const said = await connection.run(
    facts.scheduler === null
      ? { ...asked, script: '"$@"', args: command }
      : { ...asked, script: ASK_NODE, args, stdin: batchScript(job) },
  );
  return machine.parse(JSON.parse(said));
}
