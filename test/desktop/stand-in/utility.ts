/**
 * Electron's utility process, as a child process of Node. By lib/browser/api/utility-process.ts and
 * shell/browser/api/electron_api_utility_process.cc: what is posted before the start waits; nothing is heard behind the exit, after
 * which all listeners of stderr are gone and the pid is; a process that was killed ends with 0, and one that an outsider killed
 * with the number of the signal.
 */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import { app } from './app.ts';
import { record } from './state.ts';

const PARENT_PORT = new URL('parent-port.ts', import.meta.url).href;
/** base::EnsureProcessTerminated of Chromium. */
const KILL_MS = 2_000;

class UtilityProcess extends EventEmitter {
  pid: number | undefined;
  stderr: PassThrough | null = new PassThrough();
  readonly #child: ReturnType<typeof fork>;
  #killed = false;
  #ended = false;

  constructor(entry: string) {
    super();
    const { NODE_V8_COVERAGE: _, ...env } = process.env;
    const child = fork(entry, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', PARENT_PORT],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env,
    });
    this.#child = child;
    if (this.stderr) child.stderr?.pipe(this.stderr);
    child.on('spawn', () => {
      this.pid = child.pid;
      this.emit('spawn');
    });
    child.on('message', (message) => {
      if (!this.#ended) this.emit('message', message);
    });
    child.on('exit', (code, signal) => {
      this.#ended = true;
      this.pid = undefined;
      const status = code ?? constants.signals[signal ?? 'SIGTERM'];
      const expected = this.#killed && (signal === 'SIGTERM' || signal === 'SIGKILL');
      try {
        this.emit('exit', expected ? 0 : status);
      } finally {
        this.stderr?.removeAllListeners();
        this.stderr = null;
      }
    });
  }

  postMessage(message: object): void {
    if (!this.#ended && this.#child.connected) this.#child.send(structuredClone(message), () => {});
  }

  kill(): boolean {
    if (this.pid === undefined) return false;
    this.#killed = true;
    setTimeout(() => this.#child.kill('SIGKILL'), KILL_MS).unref();
    return this.#child.kill('SIGTERM');
  }
}

export const utilityProcess = {
  fork: (entry: string, _args: string[], options: { stdio: string[]; serviceName: string }) => {
    app.requireReady('utilityProcess.fork');
    record.calls.push(`fork ${options.serviceName}`);
    return new UtilityProcess(entry);
  },
};
