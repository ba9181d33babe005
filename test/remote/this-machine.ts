/** A host that is this machine: its scripts run here, in POSIX sh. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';
import type { SshConnection } from '../../src/main/executors/ssh/connection.ts';
import { commandError } from '../../src/main/executors/ssh/ssh-error.ts';

/** A connection to it. `before`: script that every command there begins with, such as functions in the place of programs. */
export function thisMachine(before = ''): SshConnection {
  const run: SshConnection['run'] = async ({ what, script, args = [], stdin = '', onOutput }) => {
    const child = spawn('sh', ['-c', `${before}\n${script}`, 'sh', ...args]);
    let [said, errors] = ['', ''];
    child.stdout.on('data', onOutput ?? ((chunk) => (said += chunk)));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.stdin.on('error', () => {});
    if (typeof stdin === 'string') child.stdin.end(stdin);
    else stdin.pipe(child.stdin);
    const [code] = await once(child, 'close');
    if (code !== 0) throw commandError('box', what, code, errors);
    return said;
  };
  return { host: 'box', run, close: async () => {} } as Partial<SshConnection> as SshConnection;
}

/** In the place of ssh and of other programs, by name: whoever connects to a host comes here. */
export function reachThisMachine(programs: Record<string, string> = {}): void {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-programs-'));
  const ssh = `case " $* " in *' -G '*) printf 'user me\\nhostname here\\nport 22\\ncontrolpath /mine\\n'; exit ;; esac
for command; do :; done
exec sh -c "$command"`;
  for (const [name, script] of Object.entries({ ...programs, ssh })) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
}
