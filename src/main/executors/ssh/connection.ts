/** Another machine, reached by the system's ssh: who is let in, and how, is the user's ssh config and agent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError } from '../../../core/errors.ts';
import { logOften } from '../../../core/files/program-log.ts';
import { OUTPUT_BEGINS, remoteCommand } from './remote-command.ts';
import { commandError, connectionError, SshError } from './ssh-error.ts';

export interface RemoteRun {
  /** What the command does, for messages: "asking for its cores". */
  what: string;
  /** For POSIX sh, with the arguments as "$1" and on: nothing from outside is ever part of the script. */
  script: string;
  args?: readonly string[];
  stdin?: string | Readable;
  /** Gets stdout as it comes; the answer is then empty. */
  onOutput?(chunk: Buffer): void;
  signal?: AbortSignal;
  /** How long nothing may be heard, nor taken of what is sent. Ends the connection's use, not the command there. Default: a minute. */
  silenceMs?: number;
}

/** A host as ssh's configuration resolves it. */
export interface ResolvedHost {
  user: string;
  hostname: string;
  port: string;
}

const OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=15',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=3',
  // What a user's config does for a terminal.
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'LogLevel=ERROR',
];
/** A server lets a connection have ten sessions, of which the user may have some. */
const SESSIONS = 6;
const STDERR_KEPT = 8_192;
const STDERR_MS = 200;
/** A command that says nothing for so long hangs, as on a file system that does not answer. */
const SILENCE_MS = 60_000;
/** Much more than an answer has. */
const MOST_ANSWER = 64 * 2 ** 20;

interface Ended {
  code: number | null;
  stderr: string;
  timedOut: boolean;
}

export class SshConnection {
  /** As in the user's ssh config. */
  readonly host: string;
  readonly #config: readonly string[];
  #resolved: Promise<{ resolved: ResolvedHost; options: readonly string[] }> | null = null;
  #open = 0;
  #isShared = true;
  readonly #waiting: (() => void)[] = [];

  /** @param config a configuration in the place of the user's. */
  constructor(host: string, config = process.env.TESSERA_SSH_CONFIG) {
    this.host = host;
    this.#config = config === undefined ? [] : ['-F', config];
  }

  /** Whether its commands share one login; known once it was used. */
  get isShared(): boolean {
    return this.#isShared;
  }

  /** What ssh makes of the name; connects to nothing. */
  async resolve(): Promise<ResolvedHost> {
    return (await this.#settings()).resolved;
  }

  /** Runs a script there and resolves with its stdout. Rejects with SshError, or CancelledError when the signal fires. */
  async run(command: RemoteRun): Promise<string> {
    const { options } = await this.#settings();
    await this.#enter();
    try {
      return await this.#spawn(options, command);
    } catch (error) {
      // Not what for, nor where: whoever reads the log of the program may be anybody.
      if (error instanceof SshError)
        logOften('machine', `ssh: ${command.what.replace(/ [~/].*/s, '')}: ${error.problem}`);
      throw error;
    } finally {
      this.#open--;
      this.#waiting.shift()?.();
    }
  }

  /** Lets go of the shared connection, which would otherwise stay for a minute; who still uses it goes on. */
  async close(): Promise<void> {
    const { options } = await this.#settings();
    if (options.some((option) => option.startsWith('ControlPath='))) {
      await this.#ssh([...options, '-O', 'stop', '--', this.host], () => {}).catch(() => {});
    }
  }

  async #enter(): Promise<void> {
    if (this.#open >= SESSIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open++;
  }

  #settings() {
    this.#resolved ??= this.#ask().catch((error) => {
      this.#resolved = null;
      throw error;
    });
    return this.#resolved;
  }

  async #ask() {
    let stdout = '';
    const listen = (chunk: Buffer) => {
      stdout += chunk;
    };
    const { code, stderr } = await this.#ssh([...this.#config, '-G', '--', this.host], listen);
    if (code !== 0) throw connectionError(this.host, stderr);
    const said = new Map(stdout.split('\n').map((line) => line.split(/ (.*)/s, 2) as [string, string]));
    const of = (key: string) => said.get(key) ?? '';
    const shared = await sharing(of('controlpath'));
    this.#isShared = shared.length > 0 || isSharing(of('controlpath'));
    const options = [...this.#config, ...[...OPTIONS, ...shared].flatMap((option) => ['-o', option])];
    return { resolved: { user: of('user'), hostname: of('hostname'), port: of('port') }, options };
  }

  async #spawn(options: readonly string[], command: RemoteRun): Promise<string> {
    const args = [...options, '--', this.host, remoteCommand(command.script, command.args)];
    const output = new CommandOutput(command.onOutput);
    const { code, stderr, timedOut } = await this.#ssh(args, (chunk) => output.add(chunk), command);
    if (command.signal?.aborted) throw new CancelledError();
    if (timedOut) throw new SshError('timeout', `${this.host}: ${command.what} got no answer in time`);
    if (code === 0 && output.begun) return output.text;
    if (code === 255 || code === null || !output.begun) throw connectionError(this.host, stderr);
    throw commandError(this.host, command.what, code, stderr);
  }

  /** Runs ssh to its end. Rejects only where it cannot be started. */
  async #ssh(
    args: readonly string[],
    listen: (chunk: Buffer) => void,
    { stdin, signal, silenceMs = SILENCE_MS }: Pick<RemoteRun, 'stdin' | 'signal' | 'silenceMs'> = {},
  ): Promise<Ended> {
    const child = spawn('ssh', args, { stdio: 'pipe', windowsHide: true });
    const ended: Ended = { code: null, stderr: '', timedOut: false };
    child.stdout.on('data', (chunk) => {
      timer.refresh();
      listen(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      timer.refresh();
      ended.stderr = (ended.stderr + text).slice(-STDERR_KEPT);
    });
    const kill = () => {
      // A process that it has started may hold it open.
      child.stdout.destroy();
      return child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      ended.timedOut = kill();
    }, silenceMs);
    signal?.addEventListener('abort', kill, { once: true });
    if (signal?.aborted) kill();
    // Whoever ends before it has read everything says why itself.
    if (typeof stdin === 'object') {
      stdin.on('data', () => timer.refresh());
      pipeline(stdin, child.stdin).catch(() => {});
    } else child.stdin.on('error', () => {}).end(stdin);
    try {
      const [[code]] = await Promise.all([once(child, 'exit'), once(child.stdout, 'close')]);
      // A shared connection that goes on may keep this one open, and this program with it.
      await Promise.race([once(child.stderr, 'end'), wait(STDERR_MS)]);
      child.stderr.destroy();
      return { ...ended, code };
    } catch {
      throw new SshError('no-ssh', 'the program "ssh" was not found', 'install the OpenSSH client');
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
    }
  }
}

/** Stdout of a command, from where it begins. */
class CommandOutput {
  begun = false;
  #head = Buffer.alloc(0);
  #length = 0;
  readonly #kept: Buffer[] = [];
  readonly #listen: (chunk: Buffer) => void;

  constructor(listen?: (chunk: Buffer) => void) {
    this.#listen = listen ?? ((chunk) => this.#keep(chunk));
  }

  add(chunk: Buffer): void {
    let rest = chunk;
    if (!this.begun) {
      this.#head = Buffer.concat([this.#head, chunk]);
      const at = this.#head.indexOf(OUTPUT_BEGINS);
      if (at < 0) return;
      this.begun = true;
      rest = this.#head.subarray(at + OUTPUT_BEGINS.length);
    }
    if (rest.length > 0) this.#listen(rest);
  }

  #keep(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= MOST_ANSWER) this.#kept.push(chunk);
  }

  get text(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }
}

/**
 * One connection for all commands to a host. Windows' ssh cannot; and where the user shares connections already, theirs is
 * used: it may have been opened with a one-time password.
 */
async function sharing(usersPath: string): Promise<string[]> {
  const folder = join(process.env.XDG_RUNTIME_DIR ?? '/tmp', `tessera-ssh-${process.getuid?.()}`);
  if (process.platform === 'win32' || isSharing(usersPath)) return [];
  try {
    await mkdir(folder, { mode: 0o700, recursive: true });
    const { uid, mode } = await lstat(folder);
    // In /tmp others could have made it.
    if (uid !== process.getuid?.() || (mode & 0o777) !== 0o700) return [];
  } catch {
    return [];
  }
  return ['ControlMaster=auto', `ControlPath=${folder}/%C`, 'ControlPersist=60'];
}

/** Whether the user's own config shares connections. */
function isSharing(controlPath: string): boolean {
  return controlPath !== '' && controlPath !== 'none';
}
