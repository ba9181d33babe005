/** Daemons of a test: started in the foreground, each ended by its own pid. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Servers live in sbin, which is not in every user's path. */
const PATH = [process.env.PATH, '/usr/sbin', '/usr/bin'].join(delimiter);
const STOP_MS = 10_000;
const START_MS = 60_000;

/** Tests against real servers run where this is set, and fail there if a server is missing. */
const WANTED = process.env.TESSERA_REMOTE === '1';

/** Why tests that need these programs are skipped, for their titles; null where they run. */
export function skipped(...programs: string[]): string | null {
  if (!WANTED) return 'skipped: TESSERA_REMOTE=1 runs it';
  const missing = programs.filter(
    (name) => !PATH.split(delimiter).some((dir) => existsSync(join(dir, name))),
  );
  if (missing.length > 0) throw new Error(`TESSERA_REMOTE=1, but ${missing.join(', ')} is missing`);
  return null;
}

export class Daemons {
  /** Where they keep everything. Directly in /tmp: munge wants every folder above its socket open to all. */
  readonly folder: string;
  readonly #running = new Map<string, ChildProcess>();

  constructor(name: string) {
    this.folder = mkdtempSync(`/tmp/tessera-${name}-`);
    chmodSync(this.folder, 0o755);
    // Of a test that is killed.
    process.once('exit', () => {
      for (const child of this.#running.values()) child.kill();
    });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Starts one and waits until it `answers` (anything but false); its output goes to NAME.out. Rejects with the output if it ends before. */
  async start(
    name: string,
    [program, ...args]: readonly string[],
    answers: () => Promise<unknown>,
    env: Record<string, string> = {},
  ): Promise<void> {
    const out = this.path(`${name}.out`);
    const child = spawn(program, args, {
      env: { ...process.env, PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.folder,
    });
    const log = createWriteStream(out, { flags: 'a', mode: 0o600 });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    await once(child, 'spawn');
    this.#running.set(name, child);
    for (const since = Date.now(); ; await wait(100)) {
      if (child.exitCode !== null)
        throw new Error(`${name} ended: ${readFileSync(out, 'utf8').slice(-2000)}`);
      if ((await answers().catch(() => false)) !== false) return;
      if (Date.now() - since > START_MS) throw new Error(`${name} does not answer; see ${out}`);
    }
  }

  pid(name: string): number {
    const pid = this.#running.get(name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  /** What `work` starts is ended again where it fails. */
  async startAll(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Stops all, the last one first, and removes their folder. */
  async end(): Promise<void> {
    for (const name of [...this.#running.keys()].reverse()) await this.stop(name);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address ? address.port : 0;
    }),
  );
}

/** Runs a program to its end. Resolves with its stdout; rejects if it fails. */
export async function runProgram(
  [program, ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, PATH, ...env } });
  return stdout;
}
