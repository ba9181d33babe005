/** What the agent asks of the machine that it runs on. */
import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import {
  linuxProcess,
  ownIdentity,
  type ProcessIdentity,
  startTimeOf,
} from '../../../core/process-identity.ts';
import { schedulerEnvironment } from '../../../core/schedulers/schedulers.ts';
import { LATE } from './questions.ts';

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

export interface AgentSystem {
  readonly user: string;
  /** Of several behind one name, the one that it runs on. */
  readonly node: string;
  readonly self: ProcessIdentity;
  /** Unix milliseconds. */
  now(): number;
  /** Null where there is no such process. */
  identityOf(pid: number): ProcessIdentity | null;
  /** Starts a command in a folder, in a process group of its own that outlives the agent. Returns its number. */
  startGroup(folder: string, command: readonly string[]): number;
  /** Numbers of the processes of a group, its leader among them, that work in a folder. */
  groupIn(folder: string, leader: number): number[];
  kill(pid: number): void;
  /** Runs a program of the host to its end. */
  run(program: string, args: readonly string[]): Said;
  freeBytes(folder: string): number;
  /** In one step: whoever reads the file finds all of it. */
  write(file: string, text: string): void;
  /** Throws where there is such a folder. */
  makeFolder(folder: string): void;
  remove(path: string): void;
}

const MOST_OUTPUT = 64 * 2 ** 20;
/** A scheduler answers within it, or is too busy. */
const RUN_MS = 50_000;

const isLinux = process.platform === 'linux';

export const agentSystem: AgentSystem = {
  user: userInfo().username,
  node: hostname(),
  self: ownIdentity(),
  now: () => Date.now(),
  identityOf: (pid) => {
    const startTime = isLinux ? startTimeOf(pid) : said('ps', '-o', 'lstart=', '-p', String(pid));
    return startTime && startTime !== 'zombie' ? { ...ownIdentity(), pid, startTime } : null;
  },
  startGroup: (folder, [program, ...args]) => {
    const child = spawn(program, args, { cwd: folder, detached: true, stdio: 'ignore' });
    child.unref();
    if (child.pid === undefined) throw new Error(`${program} could not be started`);
    return child.pid;
  },
  groupIn: (folder, leader) => {
    if (!isLinux) return said('pgrep', '-g', String(leader)).split('\n').filter(Boolean).map(Number);
    // A home may be mounted elsewhere on each login node.
    const there = realpathSync(folder);
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    // Earlier versions made no group of a trainer.
    const isOf = (pid: number) => pid === leader || groupOf(pid) === leader;
    return all.map(Number).filter((pid) => isOf(pid) && cwdOf(pid) === there);
  },
  kill: (pid) => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  },
  run: (program, args) => {
    // Nothing else is said meanwhile.
    process.stdout.write('\n');
    return runProgram(program, args);
  },
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  write: (file, text) => {
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, text, { mode: 0o600 });
    renameSync(part, file);
  },
  makeFolder: (folder) => void mkdirSync(folder),
  remove: (path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
};

/** What does not end in time may have done what it was asked, as with a scheduler that does not answer. */
export function runProgram(program: string, args: readonly string[], longestMs = RUN_MS): Said {
  const env = { ...schedulerEnvironment(process.env), LC_ALL: 'C' };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    maxBuffer: MOST_OUTPUT,
    timeout: longestMs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const late = error && 'code' in error && error.code === 'ETIMEDOUT' ? `\n${LATE}` : '';
  return { code: status ?? 1, stdout: stdout ?? '', stderr: (stderr || (error?.message ?? '')) + late };
}

function said(program: string, ...args: string[]): string {
  return (spawnSync(program, args, { encoding: 'utf8' }).stdout ?? '').trim();
}

/** Null for a process that has ended. */
function groupOf(pid: number): number | null {
  try {
    const { group, startTime } = linuxProcess(pid);
    return startTime === 'zombie' ? null : group;
  } catch {
    return null;
  }
}

function cwdOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
