/** Asks a host about its hardware, software and scheduler in one command. */
import type { HostFacts, HostJob } from '../../../core/api/hosts.ts';
import { PROBE, SCHEDULERS, schedulerFacts } from '../../../core/schedulers/schedulers.ts';
import type { SshConnection } from '../ssh/connection.ts';

/**
 * "$1" Tessera's folder there; empty for the usual one. It must be Tessera's alone: cleaning up removes it. Answers with a line
 * "key value" each; partitions are several.
 */
const ASK = `case "$1" in
  '') root="\${XDG_CACHE_HOME:-$HOME/.cache}/tessera" ;;
  '~/'*) root="$HOME/\${1#??}" ;;
  *) root="$1" ;;
esac
mkdir -p "$root" && cd "$root" || exit 1
if [ ! -e .tessera ]; then
  if [ -n "$(ls -A)" ]; then echo "$root has other files in it; choose an empty folder" >&2; exit 1; fi
  chmod 700 . && : > .tessera || exit 1
fi
echo "root $(pwd -P)"
echo "system $(uname -sm)"
echo "libc $(getconf GNU_LIBC_VERSION 2>/dev/null)"
echo "time $(date +%s)"
echo "cores $(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)"
echo "memory $(awk '/^MemTotal/ {print $2}' /proc/meminfo 2>/dev/null || sysctl -n hw.memsize)"
df -Pk . | awk 'NR == 2 {print "free " $4}'
if [ "$(loginctl show -p KillUserProcesses --value 2>/dev/null)" = yes ] &&
  [ "$(loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)" != yes ]; then echo "ends yes"; fi
nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | sed 's/^/gpu /'
kind=
${PROBE}
echo "time $(date +%s)"`;

/** Connects, makes Tessera's folder there, and asks. Rejects with SshError. */
export async function askHost(
  connection: SshConnection,
  folder: string | null,
  signal?: AbortSignal,
): Promise<HostFacts> {
  const begun = Date.now();
  const script = { what: 'looking around', script: ASK, args: [folder ?? ''], signal };
  return parseFacts(await connection.run(script), (begun + Date.now()) / 2);
}

/** Whether runs there find GPUs of NVIDIA: on a cluster, if jobs ask for some. */
export function offersCuda(job: HostJob, { gpus, scheduler }: HostFacts): boolean {
  return scheduler === null ? gpus.length > 0 : SCHEDULERS[scheduler.kind].asksForGpus(job);
}

/** @param now Unix milliseconds here, when it was asked. */
export function parseFacts(text: string, now: number): HostFacts {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(/ (.*)/s, 2) as [string, string | undefined]);
  const all = (key: string) =>
    lines.flatMap(([name, value]) => (name === key && value ? [value.trim()] : []));
  const one = (key: string) => all(key)[0] ?? '';
  const count = (key: string) => Number(one(key)) || 0;
  // At its beginning and at its end, which may be apart.
  const times = all('time').map(Number);
  return {
    root: one('root'),
    system: one('system'),
    libc: one('libc'),
    clockSkewSeconds: Math.round((Math.min(...times) + Math.max(...times)) / 2 - now / 1000),
    cores: count('cores'),
    memoryBytes: count('memory') * 1024,
    freeBytes: count('free') * 1024,
    endsAtLogout: one('ends') === 'yes',
    gpus: all('gpu'),
    scheduler: schedulerFacts(all),
  };
}
