/** What went wrong on the way to another machine, in one line. */
import { UserError } from '../../../core/errors.ts';

export type SshProblem =
  | 'no-ssh'
  | 'unknown-host'
  | 'unknown-key'
  | 'changed-key'
  | 'denied'
  | 'refused'
  | 'timeout'
  | 'lost'
  | 'no-room'
  | 'failed';

/** Here the host may answer later: what was asked may still go on there. */
const PASSING: readonly SshProblem[] = ['unknown-host', 'refused', 'timeout', 'lost'];

export class SshError extends UserError {
  readonly problem: SshProblem;
  /** Of the command, where it ran to its end; else null. */
  readonly exitCode: number | null;

  constructor(problem: SshProblem, text: string, fix?: string, exitCode: number | null = null) {
    super({ code: problem === 'no-room' ? 'disk-full' : 'invalid', problem: text, fix });
    this.problem = problem;
    this.exitCode = exitCode;
  }

  /** Whether the host could not be asked, and may answer later. */
  get isPassing(): boolean {
    return PASSING.includes(this.problem);
  }
}

interface Sign {
  problem: SshProblem;
  /** In what ssh or the command wrote. */
  text: RegExp;
  says(host: string): string;
  fix?(host: string): string;
}

const FROM_SSH: readonly Sign[] = [
  {
    problem: 'unknown-host',
    text: /Could not resolve hostname|Name or service not known|nodename nor servname|No route to host|Network is unreachable/,
    says: (host) => `${host}: there is no such host in your ssh config or network`,
    fix: (host) => `try "ssh ${host}" in a terminal`,
  },
  {
    problem: 'changed-key',
    text: /IDENTIFICATION HAS CHANGED|host key .* has changed/i,
    says: (host) =>
      `${host}: its host key has changed since the last connection, so it may be another machine`,
    fix: (host) =>
      `ask its administrator; if the new key is right, remove the old one with "ssh-keygen -R ${host}"`,
  },
  {
    problem: 'unknown-key',
    text: /Host key verification failed/,
    says: (host) => `${host}: its host key is not known yet`,
    fix: (host) => `connect once with "ssh ${host}" in a terminal and compare the key`,
  },
  {
    problem: 'denied',
    text: /Permission denied|Too many authentication failures|no mutual signature/,
    says: (host) => `${host} did not let you in: no key of yours was accepted`,
    fix: (host) =>
      `make "ssh ${host} true" work without a password (ssh-agent, or an open connection with ControlMaster)`,
  },
  {
    problem: 'refused',
    text: /Connection refused/,
    says: (host) => `${host} refuses the connection: no ssh server answers there`,
    fix: () => 'check the port in your ssh config, and whether the machine has started',
  },
  {
    problem: 'timeout',
    text: /timed out|Timeout, server .* not responding/i,
    says: (host) => `${host} does not answer`,
    fix: () => 'check the network or VPN',
  },
];

const NO_ROOM = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/i;

/** The error of an ssh that ended with 255, its own code. */
export function connectionError(host: string, stderr: string): SshError {
  const sign = FROM_SSH.find(({ text }) => text.test(stderr));
  if (sign) return new SshError(sign.problem, sign.says(host), sign.fix?.(host));
  return new SshError(
    'lost',
    `the connection to ${host} was lost${lastLine(stderr)}`,
    'it will be tried again',
  );
}

/** The error of a command that ran there and failed. */
export function commandError(host: string, what: string, exitCode: number, stderr: string): SshError {
  if (NO_ROOM.test(stderr)) {
    return new SshError(
      'no-room',
      `${host}: no space left there, or your quota is used up`,
      undefined,
      exitCode,
    );
  }
  const how = lastLine(stderr) || `: exit code ${exitCode}`;
  return new SshError('failed', `${host}: ${what} failed${how}`, undefined, exitCode);
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}
