import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process for as long as its machine runs: a pid alone is given to another process later. */
export interface ProcessIdentity {
  pid: number;
  /** Where the pid means anything: boot and pid namespace on Linux, host elsewhere. */
  pidScope: string;
  /** When the process started, in the system's own notation; "" where it cannot be read cheaply. */
  startTime: string;
}

export type Liveness = 'alive' | 'dead' | 'unknown';

let thisProcess: ProcessIdentity | null = null;

/** The identity of the calling process. */
export function ownIdentity(): ProcessIdentity {
  thisProcess ??= {
    pid: process.pid,
    pidScope: currentPidScope(),
    startTime: startTimeOf(process.pid) ?? '',
  };
  return thisProcess;
}

/** Whether that very process still runs; "unknown" where this process cannot tell. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  if (identity.pidScope !== ownIdentity().pidScope) return 'unknown';
  if (!pidExists(identity.pid)) return 'dead';
  if (identity.startTime === '') return 'unknown';
  const startTime = startTimeOf(identity.pid);
  if (startTime === null) return pidExists(identity.pid) ? 'unknown' : 'dead';
  return startTime === identity.startTime ? 'alive' : 'dead';
}

/** Only counts where the process itself cannot be looked at. */
const HEARTBEAT_LIMIT_MS = 60_000;

/** Whether that very process still runs, by its last sign of life (Unix milliseconds) where nothing else tells. */
export function isAlive(identity: ProcessIdentity, heartbeat: number): boolean {
  const liveness = livenessOf(identity);
  return liveness === 'unknown' ? Date.now() - heartbeat <= HEARTBEAT_LIMIT_MS : liveness === 'alive';
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function currentPidScope(): string {
  if (process.platform !== 'linux') return `${process.platform}:${hostname()}`;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `linux:${boot}:${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `linux:${hostname()}`;
  }
}

/**
 * Null where it cannot be read at once: macOS and Windows have to ask another program, and whoever asks would wait for it
 * at every look. There the heartbeats decide. "zombie" for a process that ended and waits for its parent.
 */
export function startTimeOf(pid: number): string | null {
  try {
    return process.platform === 'linux' ? linuxProcess(pid).startTime : null;
  } catch {
    return null;
  }
}

/**
 * Fields 5 and 22 of /proc/<pid>/stat: its group, and when it started in clock ticks since boot. The command before them may hold
 * spaces and brackets. Throws where there is no such process.
 */
export function linuxProcess(pid: number): { group: number; startTime: string | null } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, , group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { group: Number(group), startTime: state === 'Z' || state === 'X' ? 'zombie' : (rest[16] ?? null) };
}
