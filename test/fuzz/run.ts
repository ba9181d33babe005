/** Damages files of every accepted format and reads them: `npm run fuzz -- --help`. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Order, Report } from './worker.ts';

const HELP = `Reads randomly damaged files of every format that Tessera accepts, and looks for crashes, raw errors, hangs over
20 s, and records that are neither a row nor a counted bad row.

  --inputs <number>   how many files (default: 100000)
  --seed <number>     of the damage; the same seed gives the same files (default: 1)
  --from <number>     the first file, to repeat one (default: 0)
  --help

Files that were read wrongly stay in out/fuzz/, one folder each. The exit code is 1 if there are any.`;

const MAX_MS = 20_000;
/** A worker is exchanged now and then, so that a leak does not end a long run. */
const BATCH = 2_000;
const SHOWN = 20;
const PROGRESS_MS = 10_000;

interface Counts {
  done: number;
  refused: number;
  faults: number;
  targets: Map<string, number>;
}

/** Works through inputs from..to in one process. Returns the number of the first input that was not read. */
function runBatch(order: Order, counts: Counts): Promise<number> {
  return new Promise((resolve) => {
    const worker: ChildProcess = fork(join(import.meta.dirname, 'worker.ts'), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let next = order.from;
    let reading: Extract<Report, { kind: 'begin' }> | null = null;
    let watchdog: NodeJS.Timeout | undefined;
    let hung = false;
    let errors = '';
    worker.stderr?.on('data', (text) => {
      errors = `${errors}${text}`.slice(-2000);
    });
    worker.on('message', (report: Report) => {
      clearTimeout(watchdog);
      if (report.kind === 'begin') {
        reading = report;
        watchdog = setTimeout(() => {
          hung = true;
          worker.kill('SIGKILL');
        }, MAX_MS);
      } else if (report.kind !== 'done') {
        if (report.kind === 'fault') fault(counts, reading, report.problem);
        else if (report.refused) counts.refused++;
        finish(counts, reading);
        next = report.input + 1;
        reading = null;
      }
    });
    worker.on('exit', (code, signal) => {
      clearTimeout(watchdog);
      if (reading === null) return resolve(next);
      fault(
        counts,
        reading,
        hung ? `longer than ${MAX_MS / 1000} s` : `crashed (${signal ?? code}) ${errors}`,
      );
      finish(counts, reading);
      resolve(reading.input + 1);
    });
    worker.send(order);
  });
}

function finish(counts: Counts, reading: Extract<Report, { kind: 'begin' }> | null): void {
  counts.done++;
  if (reading) counts.targets.set(reading.target, (counts.targets.get(reading.target) ?? 0) + 1);
}

function fault(counts: Counts, reading: Extract<Report, { kind: 'begin' }> | null, problem: string): void {
  if (++counts.faults > SHOWN) return;
  process.stderr.write(
    `fault in input ${reading?.input} (${reading?.target}): ${reading?.path}\n${problem}\n`,
  );
}

function progressText({ done, faults, refused }: Counts, inputs: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const left = done === 0 ? '?' : Math.ceil(((inputs - done) * seconds) / done / 60);
  return `${done} of ${inputs} files, ${refused} refused, ${faults} faults, ${left} min left`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  const [inputs, seed, from] = [values.inputs, values.seed, values.from].map(Number);
  if (values.help || ![inputs, seed, from].every((value) => Number.isSafeInteger(value) && value >= 0)) {
    process.stdout.write(`${HELP}\n`);
    return values.help ? 0 : 2;
  }
  const out = join(import.meta.dirname, '..', '..', 'out', 'fuzz');
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(out, `seed${seed}-`));
  const counts: Counts = { done: 0, refused: 0, faults: 0, targets: new Map() };
  const started = performance.now();
  const report = () => process.stderr.write(`${progressText(counts, inputs, started)}\n`);
  const progress = setInterval(report, PROGRESS_MS);
  const end = from + inputs;
  for (let next = from; next < end; ) {
    next = await runBatch({ seed, from: next, to: Math.min(next + BATCH, end), folder }, counts);
  }
  clearInterval(progress);
  if (counts.faults === 0) rmSync(folder, { recursive: true });
  const { done, refused, faults, targets } = counts;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `${JSON.stringify({ inputs: done, refused, faults, seconds, targets: Object.fromEntries(targets) })}\n`,
  );
  return faults === 0 ? 0 : 1;
}

process.exitCode = await main();
