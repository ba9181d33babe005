import { basename } from 'node:path';
import type { HostJob } from '../../../core/api/hosts.ts';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** "$1" the folder of a run. The script lies with the first one of an array; some schedulers have it for all of them. */
const scriptOf = (kind: SchedulerKind) => `cd "$1" 2>/dev/null || exit 0
first=$(sed -n 's/.*"name":"tessera-\\([^"]*\\)".*/\\1/p' submission.json 2>/dev/null)
if [ -f job.sh ]; then cat job.sh
elif [ -n "$first" ] && [ -f "../$first/job.sh" ]; then cat "../$first/job.sh"
elif [ -f job-number ]; then
  id=$(cut -d_ -f1 job-number)
  ${SCHEDULERS[kind].shell.script}
fi
true`;

/** The script of a run's job, as one that is submitted without options; null where there is none. */
export async function readScript(
  connection: SshConnection,
  folder: string,
  kind: SchedulerKind,
  options: HostJob,
): Promise<string | null> {
  const script = await connection.run({
    what: 'reading the script',
    script: scriptOf(kind),
    args: [folder],
  });
  if (script === '') return null;
  const { directive, submissionOptions, optionsOf } = SCHEDULERS[kind];
  const submission = { name: `tessera-${basename(folder)}`, output: `${folder}/job.log`, array: null };
  const lines = [...submissionOptions(submission), ...optionsOf(options)].map((option) => option.join(' '));
  // A path may have what stands for something in a replacement.
  return script.replace('\n', () => `\n${lines.map((line) => `${directive} ${line}\n`).join('')}`);
}
