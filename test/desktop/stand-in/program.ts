/** The desktop program in a process of its own, with the stand-in in place of Electron. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import type { StandInOptions, StandInRecord } from './state.ts';

const MAIN = join(import.meta.dirname, '../../../src/main/electron/main.ts');
const STAND_IN = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href;
/** A computer that is busy with other tests is slow to start processes. */
const SLOW = { timeout: 200_000, interval: 20 };

type Seen = StandInRecord & { channels: string[] };

export class Program {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #calls = 0;
  readonly pid: number | undefined;
  stdout = '';
  stderr = '';
  /** As it was when the program ended. */
  last: StandInRecord | null = null;
  readonly ended: Promise<number>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid;
    child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    child.on('message', (message: { id?: number; value: never; error?: string; record?: StandInRecord }) => {
      if (message.record) this.last = message.record;
      const call = this.#waiting.get(message.id ?? 0);
      if (message.error !== undefined) call?.reject(new Error(message.error));
      else call?.resolve(message.value);
    });
    this.ended = once(child, 'close').then(([code]) => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the program has ended'));
      return code as number;
    });
  }

  /** For one test. `args` stand behind the program's entry file. */
  static start(home: string, args: string[] = [], options: StandInOptions = {}): Program {
    const program = Program.launch(home, args, options);
    onTestFinished(() => program.kill());
    return program;
  }

  /** For as long as the caller wants it. */
  static launch(home: string, args: string[] = [], options: StandInOptions = {}): Program {
    const child = fork(MAIN, args, {
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', STAND_IN],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        TESSERA_HOME: home,
        STAND_IN_USER_DATA: home,
        STAND_IN: JSON.stringify(options),
        NODE_V8_COVERAGE: process.env.DESKTOP_COVERAGE,
      },
    });
    return new Program(child);
  }

  async kill(): Promise<void> {
    if (this.#child.connected) await this.do('takeCoverage').catch(() => {});
    this.#child.kill('SIGKILL');
  }

  /** Has the stand-in do what the user or the system does. */
  do<T = unknown>(name: string, ...values: unknown[]): Promise<T> {
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, name, values }, (error) => error && reject(error));
    });
  }

  record(): Promise<Seen> {
    return this.do('record');
  }

  /** Waits until the program is as `check` expects, and returns that state. */
  async until(check: (seen: Seen) => void): Promise<Seen> {
    let seen = {} as Seen;
    await vi.waitFor(async () => {
      seen = await this.record();
      check(seen);
    }, SLOW);
    return seen;
  }

  /** Waits until its window is shown and has its page. */
  shown(): Promise<Seen> {
    return this.until((seen) => {
      const main = seen.windows.findLast(({ loaded }) => loaded?.startsWith('app:'));
      if (!main?.shown || !seen.menu.includes('New run')) throw new Error('no window is shown');
    });
  }
}
