/**
 * In the place of PBS, built from its documentation: `qsub`, `qstat`, `qdel` and `qselect` on a folder of jobs, which run on this
 * machine. `node stand-in-pbs.ts FOLDER PROGRAM …` is one of them. Its queue "later" starts nothing.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

interface Task {
  /** "12.server", or "12[3].server". */
  id: string;
  name: string;
  owner: string;
  queue: string;
  /** Seconds. */
  walltime: number | null;
  job_state: 'Q' | 'R' | 'F';
  substate: number;
  comment: string;
  pid: number | null;
  qtime: number;
  stime: number | null;
  Exit_status: number | null;
}

const QUEUES = { workq: '01:00:00', later: '48:00:00' };
const KILL_DELAY_MS = 2_000;
const WALLTIME = -29;
const DELETED = 91;

const [folder, program, ...args] = process.argv.slice(2);

const fileOf = (id: string) => join(folder, `${id}.json`);
const read = (id: string) => JSON.parse(readFileSync(fileOf(id), 'utf8')) as Task;
function write(task: Task): void {
  writeFileSync(`${fileOf(task.id)}.${process.pid}`, JSON.stringify(task));
  renameSync(`${fileOf(task.id)}.${process.pid}`, fileOf(task.id));
}
const all = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => read(name.slice(0, -'.json'.length)));

function fail(code: number, ...lines: string[]): never {
  process.stderr.write(lines.map((line) => `${program}: ${line}\n`).join(''));
  process.exit(code);
}

/** Options by letter, and the operands. */
function parse(flags: string): { given: Map<string, string[]>; operands: string[] } {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const letter = /^-([A-Za-z])$/.exec(args[at])?.[1];
    if (letter === undefined) operands.push(args[at]);
    else given.set(letter, [...(given.get(letter) ?? []), ...(flags.includes(letter) ? [''] : [args[++at]])]);
  }
  return { given, operands };
}

function qsub(): void {
  if (args[0] === '--version') return void console.log('pbs_version = 23.06.06');
  const { given, operands } = parse('');
  const one = (letter: string) => given.get(letter)?.[0] ?? null;
  const [script] = operands;
  if (!existsSync(script)) fail(2, `script file:: No such file or directory`);
  const queue = one('q') ?? 'workq';
  if (!(queue in QUEUES)) fail(170, 'Unknown queue');
  const walltime = given.get('l')?.flatMap((list) => /walltime=(\d+)/.exec(list)?.[1] ?? [])[0];
  const range = one('J');
  const [, first, last, step = '1'] = /^(\d+)-(\d+)(?::(\d+))?$/.exec(range ?? '') ?? [];
  if (range !== null && !(Number(first) < Number(last))) fail(2, 'illegal -J value');
  if (range !== null && one('r') !== 'y') fail(2, 'cannot submit non-rerunable Array Job');
  const number = Math.max(0, ...all().map(({ id }) => Number.parseInt(id, 10))) + 1;
  const tasks: string[] = [];
  for (let at = Number(first); at <= Number(last); at += Number(step)) tasks.push(`${number}[${at}].server`);
  const ids = range === null ? [`${number}.server`] : tasks;
  copyFileSync(script, join(folder, `${number}.SC`));
  const comment = queue === 'later' ? 'Not Running: Insufficient amount of resource: ncpus' : '';
  const known = {
    name: one('N') ?? 'STDIN',
    owner: 'ada',
    queue,
    walltime: walltime ? Number(walltime) : null,
  };
  const fresh = { job_state: 'Q', substate: 10, pid: null, qtime: Date.now(), stime: null } as const;
  for (const id of ids) write({ id, ...known, ...fresh, comment, Exit_status: null });
  const most = /max_run_subjobs=(\d+)/.exec(one('W') ?? '')?.[1] ?? String(ids.length);
  const here = process.argv[1];
  if (queue !== 'later')
    spawn(process.execPath, [here, folder, 'server', most, ...ids], {
      detached: true,
      stdio: 'ignore',
    }).unref();
  console.log(range === null ? `${number}.server` : `${number}[].server`);
}

/** Runs the tasks of a job, so many at once. */
async function server(): Promise<void> {
  const [most, ...ids] = args;
  await Promise.all(
    Array.from({ length: Number(most) }, async () => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift())
        if (read(id).job_state === 'Q') await run(read(id));
    }),
  );
}

function run(task: Task): Promise<void> {
  const index = /\[(\d+)\]/.exec(task.id)?.[1];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PBS_JOBID: task.id };
  const child = spawn('sh', [join(folder, `${Number.parseInt(task.id, 10)}.SC`)], {
    env: { ...env, ...(index === undefined ? {} : { PBS_ARRAY_INDEX: index }) },
    detached: true,
    stdio: 'ignore',
  });
  write({ ...task, job_state: 'R', substate: 42, pid: child.pid ?? null, stime: Date.now() });
  let isLate = false;
  const limit = setTimeout(
    () => {
      isLate = true;
      end(child.pid ?? 0);
    },
    (task.walltime ?? 1e6) * 1000,
  );
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      const signals = { SIGTERM: 15, SIGKILL: 9 } as Record<string, number>;
      const status = isLate ? WALLTIME : signal === null ? (code ?? 0) : 256 + signals[signal];
      const substate = existsSync(join(folder, `${task.id}.deleted`)) ? DELETED : 92;
      write({ ...read(task.id), job_state: 'F', substate, Exit_status: status });
      resolve();
    });
  });
}

/** All processes of a job are told to end, and ended then. */
function end(pid: number): void {
  process.kill(-pid, 'SIGTERM');
  setTimeout(() => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // They have ended.
    }
  }, KILL_DELAY_MS);
}

const idOf = (operand: string) => (operand.includes('.') ? operand : `${operand}.server`);

function qdel(): void {
  const missing: string[] = [];
  for (const id of parse('').operands.map(idOf)) {
    if (!existsSync(fileOf(id))) missing.push(`Unknown Job Id ${id}`);
    else if (read(id).job_state === 'F') missing.push(`Job has finished ${id}`);
    else {
      writeFileSync(join(folder, `${id}.deleted`), '');
      const { pid } = read(id);
      if (pid === null) write({ ...read(id), job_state: 'F', substate: DELETED });
      else end(pid);
    }
  }
  if (missing.length > 0) fail(153, ...missing);
}

function qselect(): void {
  const { given } = parse('');
  const found = all().filter(({ name, job_state }) => given.get('N')?.includes(name) && job_state !== 'F');
  const ids = new Set(found.map(({ id }) => id.replace(/\[\d+\]/, '[]')));
  if (ids.size > 0) console.log([...ids].join('\n'));
}

function qstat(): void {
  const { given, operands } = parse('BQfx');
  if (given.has('B')) return void console.log(SERVER);
  if (given.has('Q')) {
    for (const [name, limit] of Object.entries(QUEUES))
      console.log(`Queue: ${name}\n    queue_type = Execution\n    resources_max.walltime = ${limit}\n`);
    return;
  }
  const found: Record<string, object> = {};
  const missing: string[] = [];
  for (const id of operands.map(idOf)) {
    const task = existsSync(fileOf(id)) ? read(id) : null;
    if (task === null) missing.push(`Unknown Job Id ${id}`);
    else if (task.job_state === 'F' && !given.has('x'))
      missing.push(`${id} Job has finished, use -x or -H to obtain historical job information`);
    else found[id] = told(task);
  }
  const head = { timestamp: Math.floor(Date.now() / 1000), pbs_version: '23.06.06', pbs_server: 'server' };
  if (Object.keys(found).length > 0) console.log(JSON.stringify({ ...head, Jobs: found }));
  if (missing.length > 0) fail(153, ...missing);
}

const SERVER = `Server: server
    server_state = Active
    default_queue = workq
    job_history_enable = True`;

function told({ id, name, owner, queue, comment, walltime, ...task }: Task): object {
  const { job_state, substate, pid, qtime, stime, Exit_status } = task;
  const clock = (time: number) =>
    new Date(time).toString().replace(/^(\w+ \w+ \d+) (\d+) (\S+).*/, '$1 $3 $2');
  return {
    ...{ Job_Name: name, Job_Owner: `${owner}@login1`, job_state, queue, substate },
    ...{ Variable_List: { PBS_O_HOME: '/home/ada' }, qtime: clock(qtime), session_id: pid ?? undefined },
    ...(comment === '' ? {} : { comment }),
    ...(stime === null ? {} : { stime: clock(stime), exec_host: 'n1/0*2+n1/1' }),
    ...(walltime === null ? {} : { Resource_List: { walltime: `00:00:${walltime}` } }),
    ...(Exit_status === null ? {} : { Exit_status }),
  };
}

mkdirSync(folder, { recursive: true });
const PROGRAMS: Record<string, () => void> = { qsub, qstat, qdel, qselect, server: () => void server() };
PROGRAMS[program]();
