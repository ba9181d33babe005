import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** The data folder that "--home" names among a program's arguments, and the arguments without it. */
export function homeOption(args: readonly string[]): { home: string | undefined; rest: string[] } {
  const at = args.findIndex((argument) => argument === '--home' || argument.startsWith('--home='));
  if (at < 0) return { home: undefined, rest: [...args] };
  const apart = args[at] === '--home';
  const home = apart ? args[at + 1] : args[at].slice('--home='.length);
  return { home, rest: args.toSpliced(at, apart ? 2 : 1) };
}

/**
 * The files and folders among a program's arguments, as absolute paths. Switches are left out, and so is the
 * program's entry file when it runs from its sources.
 */
export function pathsOf(args: readonly string[], workingFolder: string, packaged: boolean): string[] {
  return args
    .slice(packaged ? 1 : 2)
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => (isAbsolute(argument) ? argument : resolve(workingFolder, argument)))
    .filter((path) => existsSync(path));
}

/** Paths to open, kept until the window can take them. */
export class PendingPaths {
  #waiting: string[] = [];
  #send: ((paths: string[]) => void) | null = null;

  add(paths: readonly string[]): void {
    if (paths.length === 0) return;
    if (this.#send) this.#send([...paths]);
    else this.#waiting.push(...paths);
  }

  /** Sends the waiting paths, and later ones as they come. */
  connect(send: (paths: string[]) => void): void {
    this.#send = send;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.add(waiting);
  }

  disconnect(): void {
    this.#send = null;
  }
}
