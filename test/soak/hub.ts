/** A soak's hub: a process that is called, watched and killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubAnswer, HubCall } from './hub-process.ts';

export type WorkerKind = 'trainer' | 'analyst' | 'importer';

export class SoakHub {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: HubAnswer) => void>();
  #lastId = 0;
  stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-4000);
    });
    child.on('message', (answer: HubAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on('exit', () => {
      for (const [id, resolve] of this.#waiting) resolve({ id, problem: 'the hub has ended' });
    });
  }

  /** Null where it could not start, as on a full disk. */
  static async start(home: string, env: NodeJS.ProcessEnv): Promise<SoakHub | null> {
    const child = fork(join(import.meta.dirname, 'hub-process.ts'), [home], {
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const hub = new SoakHub(child);
    const started = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => null)]);
    return started === null ? null : hub;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Rejects with what the hub says is wrong, or that it has ended. */
  async call<T>(path: string, input?: unknown): Promise<T> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<HubAnswer>();
    this.#waiting.set(id, resolve);
    if (!this.alive) resolve({ id, problem: 'the hub has ended' });
    else this.#child.send({ id, path: path.split('.'), input } satisfies HubCall, () => {});
    const { value, problem } = await promise;
    if (problem !== undefined) throw new Error(problem);
    return value as T;
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** Closes it as a user does. Returns how many seconds that took. */
  async quit(): Promise<number> {
    const begun = performance.now();
    const exited = once(this.#child, 'exit');
    await this.call('close').catch(() => {});
    if (this.#child.connected) this.#child.disconnect();
    await exited;
    return (performance.now() - begun) / 1000;
  }

  /** The live worker processes of a kind. */
  workers(kind: WorkerKind): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === this.pid && commandOf(pid).includes(`/${kind}.ts`));
  }

  /** Its open files, and resident bytes. */
  use(): { files: number; memory: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    return { files: readdirSync(`/proc/${this.pid}/fd`).length, memory: kibibytes * 1024 };
  }
}

function parentOf(pid: number): number {
  const stat = readProcess(pid, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

const commandOf = (pid: number) => readProcess(pid, 'cmdline').replaceAll('\0', ' ');

function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
