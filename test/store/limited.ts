/** Runs TypeScript in a process that may write no file above a size (`ulimit -f`). */
import { spawnSync } from 'node:child_process';

/** @param kib the limit, in KiB. Returns what the process wrote to stderr. */
export function runLimited(script: string, kib: number): string {
  const command = `ulimit -f ${kib}; exec "$0" --no-warnings --input-type=module-typescript --eval "$1"`;
  const node = ['-c', command, process.execPath, script];
  return spawnSync('bash', node, { encoding: 'utf8' }).stderr;
}
