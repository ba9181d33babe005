/** Trainers that are processes of the host itself: each a group of processes, which is ended as one. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../../core/process-identity.ts';
import { askTrainer, CLOSED, exitCodeIn, isThere, jsonIn, textOf } from './folders.ts';
import { JOURNAL, type RunState } from './questions.ts';
import type { AgentSystem } from './system.ts';

/** The process that leads the group, and the node that it runs on; without these, as earlier versions kept it. */
interface Leader extends ProcessIdentity {
  node: string;
}

const GROUP = 'group.json';
const BEGUN = 'begun';
/** How long the first moment of a trainer may take before it is lost. */
const BEGUN_MS = 60_000;
/** A trainer on another node of a login name is lost after so long without a word. */
const SILENT_MS = 600_000;

/**
 * The command, once it is known which group it is. Its exit code goes to a file, also where it has ended before anybody waits for
 * it; a signal interrupts a wait, which is then repeated.
 */
const LEAD = `tries=0
until [ -f ${GROUP} ]; do
  tries=$((tries + 1))
  [ "$tries" -le 100 ] || exit 1
  sleep 0.1
done
[ ! -e ${CLOSED} ] || exit 0
"$@" >> output.log 2>&1 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM HUP
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
echo "$code" > exit-code.part && mv exit-code.part exit-code`;

/** Starts it once, however often it is asked. */
export function startGroup(system: AgentSystem, folder: string, command: readonly string[]): void {
  try {
    system.makeFolder(join(folder, BEGUN));
  } catch (error) {
    if (isThere(join(folder, BEGUN))) return;
    throw error;
  }
  const pid = system.startGroup(folder, ['sh', '-c', LEAD, 'sh', ...command]);
  const identity = system.identityOf(pid) ?? { ...system.self, pid, startTime: '' };
  system.write(join(folder, GROUP), JSON.stringify({ ...identity, node: system.node } satisfies Leader));
}

export function stateOfGroup(system: AgentSystem, folder: string): RunState {
  const begun = () => (lives(system, folder) ? 'runs' : 'lost');
  const state = isThere(join(folder, BEGUN)) ? begun() : 'never';
  // Asked last: it may have ended meanwhile.
  const exitCode = exitCodeIn(folder);
  return { state: exitCode === null ? state : 'ended', exitCode, job: null, starts: 1 };
}

function lives(system: AgentSystem, folder: string): boolean {
  const leader = leaderOf(folder);
  const age = (name: string) =>
    system.now() - (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (leader === null) return Math.abs(age(BEGUN)) < BEGUN_MS;
  // Its first word takes a while.
  if (isElsewhere(system, leader)) return Math.min(age(JOURNAL), age(GROUP)) < SILENT_MS;
  return membersOf(system, folder, leader).length > 0;
}

/** Login nodes behind one name: the processes of another one cannot be seen. */
function isElsewhere(system: AgentSystem, { node }: Leader): boolean {
  return node !== '' && node !== system.node;
}

/** Its processes. A number alone is given to another process later, of which another boot has all anew. */
function membersOf(system: AgentSystem, folder: string, leader: Leader): number[] {
  if (leader.node !== '' && leader.pidScope !== system.self.pidScope) return [];
  const now = system.identityOf(leader.pid);
  const isOther = now !== null && leader.startTime !== '' && now.startTime !== leader.startTime;
  return isOther ? [] : system.groupIn(folder, leader.pid);
}

function leaderOf(folder: string): Leader | null {
  const leader = jsonIn<Leader>(join(folder, GROUP));
  if (leader) return leader;
  // As earlier versions kept it: the number of the trainer, in the group that it leads or not.
  const pid = Number(textOf(join(folder, 'pid'))?.split(' ')[0]);
  return pid > 0 ? { pid, pidScope: '', startTime: '', node: '' } : null;
}

/** Ends all its processes. Throws where they cannot be seen from here. */
export function endGroup(system: AgentSystem, folder: string): void {
  system.write(join(folder, CLOSED), '');
  const leader = leaderOf(folder);
  if (leader === null) return;
  if (isElsewhere(system, leader) && lives(system, folder)) {
    askTrainer(system, folder, 'stop');
    throw new Error('it runs on another node of this host, and was asked to stop');
  }
  // A process may start another one meanwhile.
  for (let tries = 0; tries < 3; tries++)
    for (const pid of membersOf(system, folder, leader)) system.kill(pid);
}
