import { basename } from 'node:path';
import type { HostJob } from '../../../core/api/hosts.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { sbatchArguments } from './batch-script.ts';

/** "$1" the folder of a run. The script lies with the first one of an array; Slurm has it for all of them. */
const SCRIPT = `cd "$1" 2>/dev/null || exit 0
if [ -f job.sh ]; then cat job.sh
elif [ -f job-number ]; then scontrol write batch_script "$(cut -d_ -f1 job-number)" - 2>/dev/null; fi
true`;

/** The script of a run's job, as one that sbatch takes without options; null where there is none. */
export async function readScript(
  connection: SshConnection,
  folder: string,
  options: HostJob,
): Promise<string | null> {
  const script = await connection.run({ what: 'reading the script', script: SCRIPT, args: [folder] });
  if (script === '') return null;
  const own = [
    `--job-name=tessera-${basename(folder)}`,
    `--output=${folder.replaceAll('%', '%%')}/slurm.log`,
  ];
  const lines = [...own, ...sbatchArguments(options)];
  // A path may have what stands for something in a replacement.
  return script.replace('\n', () => `\n${lines.map((line) => `#SBATCH ${line}\n`).join('')}`);
}
