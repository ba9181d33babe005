/** What went wrong on the way to another machine, in one line. */
import { UserError } from '../../../core/errors.ts';
import { fullScheduler, silentScheduler } from '../../../core/schedulers/schedulers.ts';
import { LATE } from '../../workers/agent/questions.ts';
import { errorLine } from '../../workers/worker-exit.ts';

/** Whether the host could not be asked, and may answer later: what was asked may still go on there. */
const IS_PASSING = {
  'no-ssh': false,
  'unknown-host': true,
  'unknown-key': false,
  'changed-key': false,
  denied: false,
  refused: true,
  timeout: true,
  lost: true,
  'no-room': false,
  failed: false,
};
export type SshProblem = keyof typeof IS_PASSING;
/** Until its user has done something in a terminal, no other try helps. */
const ASKS_USER: ReadonlySet<SshProblem> = new Set(['unknown-key', 'changed-key', 'denied', 'no-ssh']);

export class SshError extends UserError {
  readonly problem: SshProblem;
  /** Of the command, where it ran to its end; else null. */
  readonly exitCode: number | null;

  constructor(problem: SshProblem, text: string, fix?: string, exitCode: number | null = null) {
    super({ code: problem === 'no-room' ? 'disk-full' : 'invalid', problem: text, fix });
    this.problem = problem;
    this.exitCode = exitCode;
  }

  get isPassing(): boolean {
    return IS_PASSING[this.problem];
  }

  get asksUser(): boolean {
    return ASKS_USER.has(this.problem);
  }
}

const AGAIN = 'it will be tried again';

/** What ssh writes, what it means for HOST, and what to do. */
const FROM_SSH: readonly [SshProblem, RegExp, string, string][] = [
  [
    'unknown-host',
    /Could not resolve hostname|Name or service not known|nodename nor servname/,
    'HOST: no host of this name in your ssh config or network',
    'try "ssh HOST" in a terminal',
  ],
  [
    'changed-key',
    /IDENTIFICATION HAS CHANGED|host key .* has changed/i,
    'HOST: its host key has changed since the last connection, so it may be another machine',
    'ask its administrator; if the new key is right, remove the old one with "ssh-keygen -R HOST"',
  ],
  [
    'unknown-key',
    /Host key verification failed/,
    'HOST: its host key is not known yet',
    'connect once with "ssh HOST" in a terminal and compare the key',
  ],
  [
    'denied',
    /Permission denied|Too many authentication failures|no mutual signature/,
    'HOST did not let you in: no key of yours was accepted',
    'make "ssh HOST true" work without a password (ssh-agent, or an open connection with ControlMaster)',
  ],
  [
    'refused',
    /Connection refused/,
    'HOST refuses the connection: no ssh server answers there',
    'check the port in your ssh config, and whether the machine has started',
  ],
  [
    'timeout',
    /No route to host|Network is unreachable/,
    'HOST cannot be reached: no network leads there',
    'check the network or VPN, and whether the machine is on',
  ],
  [
    'timeout',
    /timed out|Timeout, server .* not responding/i,
    'HOST does not answer',
    'check the network or VPN',
  ],
];

/** Of the loader, and of Node where an add-on needs it. */
const NO_LIBRARY = /(\S+\.so[.\d]*): cannot open shared object file/;
const NO_ROOM = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/i;

/** The error of an ssh that ended with 255, its own code. */
export function connectionError(host: string, stderr: string): SshError {
  const lost = ['lost', null, `the connection to HOST was lost${lastLine(stderr)}`, AGAIN] as const;
  const [problem, , text, fix] = FROM_SSH.find(([, sign]) => sign.test(stderr)) ?? lost;
  const here = (said: string) => said.replace('HOST', () => host);
  return new SshError(problem, here(text), here(fix));
}

/** The error of a command that ran there and failed. */
export function commandError(host: string, what: string, exitCode: number, stderr: string): SshError {
  const error = (problem: SshProblem, text: string, fix?: string) =>
    new SshError(problem, `${host}: ${text}`, fix, exitCode);
  if (NO_ROOM.test(stderr)) return error('no-room', 'no space left there, or your quota is used up');
  const silent = silentScheduler(stderr)?.title ?? (stderr.includes(LATE) ? what : null);
  if (silent !== null) return error('timeout', `${silent} does not answer`, AGAIN);
  const full = fullScheduler(stderr)?.title;
  if (full !== undefined)
    return new SshError('failed', `${host}: ${full} takes no more jobs of yours just now`, AGAIN);
  const library = NO_LIBRARY.exec(stderr)?.[1];
  if (library !== undefined) {
    const fix = 'load a module that has it, or ask its administrator';
    return error('failed', `${what} failed: the library ${library} is missing there`, fix);
  }
  const how = lastLine(errorLine(stderr)) || `: exit code ${exitCode}`;
  return error('failed', `${what} failed${how}`);
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}
