/** An OpenSSH server of a test on a loopback port, with keys and a client's configuration of its own; ~/.ssh is not touched. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Daemons, freePorts, runProgram } from './daemons.ts';

export interface TestSshd {
  /** The client's configuration: `ssh -F CONFIG box`. */
  config: string;
  /** Home of whoever logs in. */
  home: string;
  port: number;
  daemons: Daemons;
  /** After `stop`, on the same port and with the same keys. */
  start(): Promise<void>;
  /** Ends the server; sessions that are open go on. */
  stop(): Promise<void>;
  /** Ends the server and every session that is open; what was started there goes on. */
  cut(): Promise<void>;
  /** Lets the user in no more, until it accepts the key again. */
  refuse(): void;
  accept(): void;
  end(): Promise<void>;
}

/** @param env what a login finds in its environment. */
export async function startSshd(env: Record<string, string> = {}): Promise<TestSshd> {
  const daemons = new Daemons('sshd');
  const [port] = await freePorts(1);
  const home = daemons.path("home of O'Brien");
  mkdirSync(home, { mode: 0o700 });
  // A server that runs as root wants this folder; another one logs in its own user alone.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const key of ['host-key', 'user-key']) {
    await runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', daemons.path(key)]);
  }
  const setEnv = Object.entries({ HOME: home, ...env }).map(([key, value]) => `"${key}=${value}"`);
  const server = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${daemons.path('host-key')}`,
    `AuthorizedKeysFile ${daemons.path('user-key.pub')}`,
    'PidFile none',
    // No PAM: it needs root, and Debian's opens a session with D-Bus.
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'MaxStartups 100',
    // Logins that fail on purpose would shut out the others.
    'PerSourcePenalties no',
    `SetEnv ${setEnv.join(' ')}`,
  ];
  const client = [
    'Host box',
    'HostName 127.0.0.1',
    `Port ${port}`,
    `User ${userInfo().username}`,
    `IdentityFile ${daemons.path('user-key')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${daemons.path('known-hosts')}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking accept-new',
  ];
  const [config, serverConfig] = [daemons.path('ssh-config'), daemons.path('sshd-config')];
  writeFileSync(config, `${client.join('\n')}\n`);
  writeFileSync(serverConfig, `${server.join('\n')}\n`);
  const start = () =>
    daemons.start('sshd', ['/usr/sbin/sshd', '-D', '-e', '-f', serverConfig], () =>
      runProgram(['ssh', '-F', config, '-o', 'BatchMode=yes', 'box', 'echo there']),
    );
  await daemons.startAll(start);
  const stop = () => daemons.stop('sshd');
  const cut = async () => {
    const sessions = sessionsOf(daemons.pid('sshd'));
    await stop();
    for (const pid of sessions) kill(pid);
  };
  const [key, away] = [daemons.path('user-key.pub'), daemons.path('user-key.away')];
  const refuse = () => {
    renameSync(key, away);
    for (const pid of sessionsOf(daemons.pid('sshd'))) kill(pid);
  };
  const accept = () => renameSync(away, key);
  return { config, home, port, daemons, start, stop, cut, refuse, accept, end: () => daemons.end() };
}

/** Processes of sshd below a process. */
function sessionsOf(parent: number): number[] {
  const children = readdirSync('/proc').flatMap((name) => {
    const [, comm, rest] = /^\d+ \((.*)\) \S (.*)$/s.exec(statOf(name)) ?? [];
    return comm?.startsWith('sshd') && Number(rest.split(' ')[0]) === parent ? [Number(name)] : [];
  });
  return children.flatMap((child) => [child, ...sessionsOf(child)]);
}

function statOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/stat`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with another one.
  }
}
