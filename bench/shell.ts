import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const CLI = join(import.meta.dirname, '../tessera');

export interface Shell {
  /** Of its process. */
  pid: number;
  /** Where a browser is let in. */
  url: string;
  /** Resolves once it has ended. */
  stop(): Promise<void>;
}

/** Serves a home to browsers, in a process of its own. */
export async function startShell(home: string): Promise<Shell> {
  const shell = spawn(CLI, ['--home', home, '--json', 'serve', '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: shell.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const stop = async () => {
    shell.kill('SIGTERM');
    await once(shell, 'exit');
  };
  return { pid: shell.pid ?? 0, url, stop };
}
