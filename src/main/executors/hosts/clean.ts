/** Removes what is no longer needed on a host. */
import { UserError } from '../../../core/errors.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';

/**
 * "$1" Tessera's folder there, "$2" "all" for everything. Versions of the program are kept where they were used in the last
 * day, half-sent files where they grew in the last hour: another computer may be at work.
 */
const CLEAN = `[ -e "$1/.tessera" ] || exit 1
cd "$1" || exit 1
before=$(du -sk . | cut -f1)
if [ "$2" = all ]; then
  if [ -n "$(ls runs 2>/dev/null)" ]; then ls runs | wc -l >&2; exit 9; fi
  cd / && rm -rf "$1"
  echo "$before"
  exit 0
fi
find . -maxdepth 2 -name '*.part' -mmin +60 -exec rm -f {} +
find . -maxdepth 2 -name '*.tmp' -mmin +60 -exec rm -rf {} +
if [ -z "$(ls runs 2>/dev/null)" ]; then
  find . -maxdepth 1 \\( -name 'program-*' -o -name 'packages-*' -o -name 'node-*' \\) -mmin +1440 -exec rm -rf {} +
fi
for data in datasets/*/; do
  name=\${data#datasets/}
  name=\${name%/}
  for run in "needed/$name"/*; do [ -d "runs/\${run##*/}" ] || rm -f "$run"; done
  [ -n "$(ls "needed/$name" 2>/dev/null)" ] || rm -rf "datasets/$name" "needed/$name"
done
echo $((before - $(du -sk . | cut -f1)))`;

/** What takes many gigabytes is counted, and removed. */
const SILENCE_MS = 1_800_000;

/** Resolves with the bytes that were freed. Rejects where everything is to go and runs are still there. */
export async function cleanHost(connection: SshConnection, root: string, all: boolean): Promise<number> {
  try {
    const args = [root, all ? 'all' : ''];
    const script = { what: 'cleaning up', script: CLEAN, args, silenceMs: SILENCE_MS };
    return Number(await connection.run(script)) * 1024;
  } catch (error) {
    if (!(error instanceof SshError) || error.exitCode !== 9) throw error;
    throw new UserError(
      `${connection.host}: runs are still there, under ${root}/runs; end or fetch them first`,
    );
  }
}
