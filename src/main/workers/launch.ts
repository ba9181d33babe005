/** The parent's side of a worker process, whichever kind of process it is. */
import { fork } from 'node:child_process';
import { parse } from 'node:path';
import { logLine } from '../../core/files/program-log.ts';

export interface WorkerListeners {
  message(message: unknown): void;
  /** What it wrote to stderr. */
  stderr(text: string): void;
  /** Once, after the last message; both null if it could not be started. */
  end(code: number | null, signal: NodeJS.Signals | null): void;
}

export interface WorkerProcess {
  /** Does nothing once the worker has ended. */
  send(message: unknown): void;
  kill(): void;
}

/** Starts the entry file in its own process. */
export type LaunchWorker = (entry: string, listeners: WorkerListeners) => WorkerProcess;

/** The same, with the starts and ends of the workers in the log of the program. */
export function loggedLauncher(launch: LaunchWorker): LaunchWorker {
  return (entry, listeners) => {
    const { name } = parse(entry);
    const begun = performance.now();
    let isKilled = false;
    logLine('worker', `${name}: starts`);
    const worker = launch(entry, {
      ...listeners,
      end: (code, signal) => {
        const how = signal ?? (code === null ? 'it could not be started' : `exit code ${code}`);
        const after = ((performance.now() - begun) / 1000).toFixed(1);
        const isWell = code === 0 || isKilled;
        logLine('worker', `${name}: ended after ${after} s, ${how}`, isWell ? 'info' : 'error');
        listeners.end(code, signal);
      },
    });
    return {
      send: (message) => worker.send(message),
      kill: () => {
        isKilled = true;
        worker.kill();
      },
    };
  };
}

// Node 22 still warns that it strips types.
// 16 MB for young objects, the default of Node 22. Node 24's default takes 100 MB more per process and is no faster here.
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16'];

/** Workers as child processes of Node, for the command line and the browser shell. */
export function forkLauncher(execArgv: string[] = NODE_FLAGS): LaunchWorker {
  return (entry, listeners) => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      execArgv,
      // Stdout belongs to the command's own answer. Its own process group keeps the terminal's Ctrl-C from
      // the worker: the host asks it to stop instead.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    });
    child.on('message', (message) => listeners.message(message));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => listeners.stderr(text));
    // "close" follows the last message and the last line of stderr; "exit" may come before them.
    child.on('close', (code, signal) => listeners.end(code, signal));
    child.on('error', (error) => {
      listeners.stderr(`\n${error.message}`);
      if (child.pid === undefined) listeners.end(null, null);
    });
    return {
      send: (message) => {
        if (child.connected) child.send(message as object, () => {});
      },
      kill: () => {
        child.kill('SIGKILL');
      },
    };
  };
}
