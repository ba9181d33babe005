/** The processes that answer what only reads: few, and each used again until nobody has asked for a while. */
import { type ChildProcess, fork } from 'node:child_process';
import { UserError } from '../../core/errors.ts';
import { processEntry } from '../../core/process-entry.ts';
import type { ReaderAnswer } from './reader.ts';

/** So that the home can be closed, moved or restored while an assistant is idle. */
const IDLE_MS = 60_000;

interface Idle {
  child: ChildProcess;
  timer: NodeJS.Timeout;
}

export class Readers {
  readonly #idle: Idle[] = [];

  /** What a command says. Rejects with UserError where it fails, is stopped, or takes longer than so many milliseconds. */
  ask(
    args: readonly string[],
    { signal, timeout }: { signal: AbortSignal; timeout: number },
  ): Promise<string> {
    const child = this.#take();
    return new Promise((resolve, reject) => {
      const end = (outcome: () => void, isOver: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        child.removeAllListeners();
        if (isOver) child.kill('SIGKILL');
        else this.#release(child);
        outcome();
      };
      const fail = (problem: string) => end(() => reject(new UserError(problem)), true);
      const cancel = () => fail('cancelled');
      const timer = setTimeout(
        () => fail(`it took longer than ${Math.round(timeout / 1000)} s, and was stopped; ask for less`),
        timeout,
      );
      signal.addEventListener('abort', cancel, { once: true });
      child.once('exit', () => fail('the command ended without an answer'));
      child.once('message', (answer) => {
        const { code, out, error } = answer as ReaderAnswer;
        // A check whose answer is no has answered.
        if (code === 0 || (out !== '' && error === '')) end(() => resolve(out), false);
        else end(() => reject(new UserError(lineOf(error))), false);
      });
      child.send(args);
    });
  }

  close(): void {
    for (const { child, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      child.kill();
    }
  }

  #take(): ChildProcess {
    const idle = this.#idle.pop();
    if (idle === undefined)
      return fork(processEntry(import.meta.dirname, 'mcp-reader', 'reader.ts'), {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
    clearTimeout(idle.timer);
    idle.child.removeAllListeners();
    return idle.child;
  }

  #release(child: ChildProcess): void {
    const timer = setTimeout(() => child.kill(), IDLE_MS).unref();
    const idle = { child, timer };
    child.once('exit', () => {
      clearTimeout(timer);
      if (this.#idle.includes(idle)) this.#idle.splice(this.#idle.indexOf(idle), 1);
    });
    this.#idle.push(idle);
  }
}

/** What a command says where it fails, without the name of the program. */
export function lineOf(error: string): string {
  return error.trim().replace(/^tessera: /, '') || 'the command failed without a word';
}
