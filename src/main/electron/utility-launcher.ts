import type { UtilityProcess } from 'electron';
import type { LaunchWorker } from '../workers/launch.ts';

type Fork = (entry: string) => UtilityProcess;

/** Workers as Electron's utility processes, behind the same interface as Node's child processes. */
export function utilityLauncher(fork: Fork): LaunchWorker {
  return (entry, listeners) => {
    const child = fork(entry);
    let alive = true;
    // Electron keeps what is posted before the process has started.
    child.on('message', (message: unknown) => {
      if (alive) listeners.message(message);
    });
    child.stderr?.on('data', (data: Buffer) => listeners.stderr(data.toString('utf8')));
    child.on('error', (_type, location, report) =>
      listeners.stderr(`\nfatal error at ${location}: ${report}`),
    );
    child.on('exit', (code) => {
      alive = false;
      listeners.end(code, null);
    });
    return {
      get pid() {
        return child.pid ?? null;
      },
      send: (message) => {
        if (alive) child.postMessage(message);
      },
      kill: () => {
        child.kill();
      },
    };
  };
}
