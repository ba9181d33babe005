/** A command with all processes that it starts, on Linux: their processor time, and their end at one moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

interface Stat {
  parent: number;
  /** Clock ticks. */
  cpu: number;
  startedAt: string;
}

const TICKS_PER_SECOND = 100;
const LOOK_MS = 250;

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may have spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpu: Number(fields[11]) + Number(fields[12]), startedAt: fields[19] };
  } catch {
    return null;
  }
}

/** A process and its descendants, each with what tells it from a later one of the same number. */
function treeOf(root: number): Map<number, Stat> {
  const all = new Map(
    readdirSync('/proc').flatMap((name) => {
      const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
      return stat ? [[Number(name), stat] as const] : [];
    }),
  );
  const isBelow = (pid: number): boolean => {
    if (pid === root) return true;
    const parent = all.get(pid)?.parent;
    return parent !== undefined && parent > 1 && isBelow(parent);
  };
  return new Map([...all].filter(([pid]) => isBelow(pid)));
}

/** Tells a process from another one that got its number later. */
export const identityOf = (pid: number): string | null => statOf(pid)?.startedAt ?? null;

/** Kills a process and all its descendants at once: trainers are in groups of their own. */
export function killTree(root: number): void {
  signal(root, 'SIGSTOP');
  for (const pid of treeOf(root).keys()) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

export interface Ended {
  code: number | null;
  wallSeconds: number;
  /** Of all processes, as far as they were seen twice a second. */
  cpuSeconds: number;
  killed: boolean;
}

/** Runs a command to its end, or kills it with all its processes after so many seconds. Its output is added to a file. */
export async function runTree(
  args: readonly string[],
  {
    log,
    killAfter,
    onStart,
  }: { log: string; killAfter?: number; onStart(child: ChildProcess & { pid: number }): void },
): Promise<Ended> {
  const output = openSync(log, 'a');
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${args.join(' ')} cannot be started`);
  onStart(Object.assign(child, { pid }));
  const seen = new Map<string, number>();
  const look = () => {
    for (const [one, { cpu, startedAt }] of treeOf(pid)) seen.set(`${one} ${startedAt}`, cpu);
  };
  const watch = setInterval(look, LOOK_MS);
  let killed = false;
  const kill = () => {
    look();
    killed = true;
    killTree(pid);
  };
  const timer = killAfter === undefined ? undefined : setTimeout(kill, 1000 * killAfter);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  clearTimeout(timer);
  return {
    ...{ code, killed: killed && code === null },
    wallSeconds: (performance.now() - begun) / 1000,
    cpuSeconds: [...seen.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND,
  };
}
