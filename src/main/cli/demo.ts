import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { duration, fixed } from '../../core/documents/format.ts';
import { CancelledError, UserError } from '../../core/errors.ts';
import { findModel, resolveConfig } from '../../core/families/registry.ts';
import { writeWhole } from '../../core/files/whole-file.ts';
import { terminalQuote, withCommas } from '../../core/names.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import { program } from '../data-folder/command-line.ts';
import { reportOfRuns } from '../services/analysis/reports.ts';
import { importSample, SAMPLE } from '../services/datasets.ts';
import { CliCommand } from './command.ts';
import { print } from './context.ts';
import { runProgram, withOurErrors } from './exit.ts';
import { takesEscapes } from './report-output.ts';
import { trainingDisplay } from './terminal/training-display.ts';
import { followRun } from './training.ts';
import { unfinishedText } from './unfinished.ts';

const SEED = 1;
const SELECTION = 'valid/ndcg@10';

/** Small enough for a busy laptop. */
const TRAININGS: { model: string; changes: Record<string, unknown> }[] = [
  { model: 'popularity', changes: {} },
  {
    model: 'bprmf',
    changes: { epochs: 16, batchSize: 1024, learningRate: 0.003, evaluateEvery: 2, patience: 3 },
  },
  {
    model: 'sasrec',
    changes: {
      epochs: 12,
      dim: 32,
      heads: 1,
      maxLength: 30,
      loss: 'full-softmax',
      learningRate: 0.003,
      patience: 3,
    },
  },
];

interface DemoOptions {
  home?: string;
  out: string;
}

/** Runs the demo. Returns the exit code. */
export function runDemo(args: string[]): Promise<number> {
  const program = withOurErrors(new CliCommand('npm run demo --'))
    .description(
      'Generates a sample data set, trains Popularity, BPRMF and SASRec on it, prints the comparison and writes it ' +
        'as a report. Takes a minute or two on two cores.',
    )
    .option(
      '--home <folder>',
      'keep data set and runs there (default: a temporary folder, removed at the end)',
    )
    .option('--out <file>', 'the report', 'report.html')
    .examples('npm run demo', 'npm run demo -- --home ~/tessera-demo')
    .action(demo);
  return runProgram(program, args);
}

async function demo({ home, out }: DemoOptions): Promise<void> {
  const temporary = home === undefined ? mkdtempSync(join(os.tmpdir(), 'tessera-demo-')) : null;
  const began = performance.now();
  try {
    const store = openStore(home ?? temporary ?? '');
    try {
      await takeSample(store);
      const runs: OwnRun[] = [];
      for (const { model, changes } of TRAININGS) runs.push(await train(store, model, changes));
      print('');
      await writeReport(store, runs, out);
    } finally {
      store.close();
    }
    print(
      `\nThe report is in ${resolve(out)}. Everything took ${duration((performance.now() - began) / 1000)}.`,
    );
    if (home) print(`Data set and runs are kept: ${program()} runs list --home ${terminalQuote(home)}`);
  } finally {
    if (temporary) rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Imports the sample data set, unless the demo has already run in this home. */
async function takeSample(store: Store): Promise<void> {
  if (store.datasets.list().some(({ name }) => name === SAMPLE)) return;
  const { statistics } = await importSample(store);
  const [users, items, interactions] = [statistics.users, statistics.items, statistics.interactions].map(
    withCommas,
  );
  print(
    `Sample data set: ${users} users, ${items} items, ${interactions} interactions, all of them generated.`,
  );
}

async function train(store: Store, model: string, changes: Record<string, unknown>): Promise<OwnRun> {
  const { title: name } = findModel(model);
  const config = resolveConfig(model, { overrides: changes });
  // The models are too small for a second thread to help.
  const request = { name, model, config, dataset: SAMPLE, seed: SEED, device: 'cpu', threads: 1 } as const;
  print(`Training ${name} …`);
  const { run, exitCode } = await followRun(
    store,
    (service) => service.startNew(request),
    () => trainingDisplay(false, SELECTION),
  );
  if (run.status === 'completed') {
    print(`  NDCG@10 ${fixed(run.metrics['test/ndcg@10'], 4)} after ${duration(run.seconds)}`);
    return run;
  }
  if (exitCode === null) throw new UserError(unfinishedText(store, run));
  process.exitCode = exitCode;
  throw new CancelledError('the demo was cancelled');
}

async function writeReport(store: Store, runs: readonly OwnRun[], out: string): Promise<void> {
  const reportAs = (format: 'table' | 'html') =>
    reportOfRuns(store, runs, { format, ansi: format === 'table' && takesEscapes() });
  process.stdout.write((await reportAs('table')).text);
  writeWhole(out, (await reportAs('html')).text);
}
