/** `npm run soak`: many short runs while everything around them is killed, filled and slowed; see --help. */
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { duration } from '../../src/core/documents/format.ts';
import { Soak } from './run.ts';

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

const program = new Command('soak')
  .description(
    'Trains many short runs of every kind through a hub, and meanwhile kills trainers, analysts, importers and the hub, ' +
      'fills the disk and slows it, locks the database, resumes runs twice at once, and restores and updates the home. Then checks that nothing is lost or doubled, that every run equals, to the bit, a twin ' +
      'that nothing happened to, that no file is left over, and that memory and open files of the hub stay flat. ' +
      'Linux only: it looks at processes in /proc. As root the home is on a small disk of its own, which can be filled.',
  )
  .option('--runs <number>', 'runs to train', whole, 1000)
  .option('--seed <number>', 'seed of what happens when', whole, Date.now() % 1e6)
  .option('--folder <path>', 'where to work (default: a new folder for passing files)')
  .option('--keep', 'leave the folder as it is at the end')
  .option('--json', 'print one JSON value at the end')
  .parse();
const options = program.opts<{
  runs: number;
  seed: number;
  folder?: string;
  keep?: boolean;
  json?: boolean;
}>();

const folder = options.folder ?? mkdtempSync(join(os.tmpdir(), 'tessera-soak-'));
const soak = new Soak({ folder, runs: options.runs, seed: options.seed });
console.error(`Seed ${options.seed}, in ${folder}.`);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

async function showProgress(): Promise<void> {
  let told = 0;
  for (; !stop.signal.aborted; await wait(10_000, undefined, { ref: false })) {
    for (; told < soak.findings.length; told++) console.error(`- ${soak.findings[told]}`);
    const { done, seconds } = soak.progress;
    const left = done === 0 ? null : (seconds / done) * (options.runs - done);
    console.error(`${done} of ${options.runs} runs, ${soak.summary()}; ${duration(left)} left`);
  }
}

let findings: string[];
try {
  [findings] = await Promise.race([
    soak.run(stop.signal).then((found) => [found]),
    showProgress().then(() => [['stopped']]),
  ]);
} catch (error) {
  findings = [...soak.findings, error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
await soak.end(options.keep ?? findings.length > 0);
const result = {
  seed: options.seed,
  runs: soak.progress.done,
  seconds: soak.progress.seconds,
  ...soak.counts,
  findings,
};
if (options.json) console.log(JSON.stringify(result));
else {
  console.log(`${result.runs} runs in ${duration(result.seconds)}: ${soak.summary()}`);
  for (const finding of findings) console.log(`- ${finding}`);
  console.log(
    findings.length === 0 ? 'Nothing lost, nothing doubled, nothing left over.' : `Seed ${options.seed}`,
  );
}
process.exit(findings.length === 0 ? 0 : 1);
