/** What the user's login shell sets, for a program that the Dock or a launcher has started without one. */
import { spawn } from 'node:child_process';
import { logLine } from '../../core/files/program-log.ts';

/** What ssh needs: programs of its config, the agent with the keys, the ticket. */
const NAMES = ['PATH', 'SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'KRB5CCNAME'];
const LONGEST_MS = 10_000;
const MOST_BYTES = 1_000_000;
/** Start-up files may print, too. */
const MARK = '=== tessera ===';

/** Whether a terminal has started this process, and with it a shell. */
const hasTerminal = (env: NodeJS.ProcessEnv) =>
  process.stdin.isTTY || process.stdout.isTTY || env.TERM !== undefined;

/** Takes them into `env`. What goes wrong is logged and passed over: `env` is then as it was. Not for Windows, where there is one. */
export async function takeLoginEnvironment(env = process.env, longestMs = LONGEST_MS): Promise<void> {
  const { SHELL: shell } = env;
  if (process.platform === 'win32' || !shell || hasTerminal(env)) return;
  try {
    const said = await output(shell, env, longestMs);
    const [, within] = said.split(`${MARK}\n`);
    if (within === undefined) throw new Error('it did not say its environment');
    const taken = NAMES.filter((name) => {
      const value = new RegExp(`^${name}=(.+)$`, 'm').exec(within)?.[1];
      if (value) env[name] = value;
      return value !== undefined;
    });
    logLine('program', `login shell: ${taken.join(', ')} taken`);
  } catch (error) {
    logLine('program', `login shell: ${error instanceof Error ? error.message : error}`, 'warn');
  }
}

/** In a session of its own, so that whatever it has started ends with it. */
function output(shell: string, env: NodeJS.ProcessEnv, longestMs: number): Promise<string> {
  const command = `echo '${MARK}'; /usr/bin/env; echo '${MARK}'`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(shell, ['-ilc', command], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(() => {
    end();
    reject(new Error(`no answer in ${longestMs / 1000} s`));
  }, longestMs);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    // An agent that the shell has started may keep the pipe open.
    if (said.split(`${MARK}\n`).length > 2) resolve(said);
    else if (said.length > MOST_BYTES) end();
  });
  child.on('error', reject);
  child.on('close', () => resolve(said));
  process.once('exit', end);
  return promise.finally(() => {
    clearTimeout(timer);
    process.off('exit', end);
  });
}
