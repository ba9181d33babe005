/**
 * Every benchmark, against its peer where there is one; writes bench/results.json.
 *
 * usage: npm run bench -- [--only steps,dlrm,tables,itemTables,sequential,ranking,import,ui,codebooks] [--rows N] [--alternations N] [--models sasrec,…]
 *        [--epoch-steps N]
 * Times on a shared machine are noisy: read the ratios, whose two sides alternate within one run.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarkImport } from './import/run.ts';
import { median } from './median.ts';
import { child, pythonWithTorch, type StepTime, torchEnvironment } from './processes.ts';
import { benchmarkSequential } from './sequential.ts';

const STEPS = 10;
const resultsFile = join(import.meta.dirname, 'results.json');

interface Peers {
  ours: string;
  torch: string;
  /** What both are called with after the number of threads. */
  options: string[];
}

const sasrecStep: Peers = { ours: 'sasrec-step.ts', torch: 'sasrec_step.py', options: [String(STEPS)] };
/** DLRM's Criteo Kaggle configuration, batch 2,048, ids modulo 1 million. */
const dlrmStep: Peers = {
  ...{ ours: 'dlrm-step.ts', torch: 'dlrm_step.py', options: [String(STEPS), '2048', '1000000'] },
};

/** A step against PyTorch: CPU time on one thread, wall time on two, the median of the ratios. */
function benchmarkSteps(peers: Peers, python: string | null, alternations: number): object {
  const compare = (threads: number, time: keyof StepTime): object => {
    const options = [String(threads), ...peers.options];
    const env = torchEnvironment(threads);
    const ours: number[] = [];
    const torch: number[] = [];
    for (let turn = 0; turn < alternations; turn++) {
      const ourScript = join(import.meta.dirname, peers.ours);
      const torchScript = join(import.meta.dirname, 'torch', peers.torch);
      ours.push(child(process.execPath, [ourScript, ...options])[time]);
      if (python) torch.push(child(python, [torchScript, ...options], env)[time]);
    }
    const ratios = torch.map((seconds, turn) => ours[turn] / seconds);
    return {
      threads,
      time,
      milliseconds: 1000 * median(ours),
      torchMilliseconds: python ? 1000 * median(torch) : null,
      ratio: python ? median(ratios) : null,
      ratios,
    };
  };
  return { oneThread: compare(1, 'cpu'), twoThreads: compare(2, 'wall') };
}

/** Steps with a table of 10^5 and of 10^7 rows of width 64 on the host, on one thread, in turns; and its checkpoint. */
function benchmarkTables(model: 'dlrm' | 'sasrec', alternations: number): object {
  const script = join(import.meta.dirname, 'host-table.ts');
  const step = (rows: number, ...rest: string[]) =>
    child<StepTime & Record<string, number>>(process.execPath, [
      ...[script, model, String(rows), '64', '1', '20', 'rowwise-adagrad', ...rest],
    ]);
  const folder = mkdtempSync(join(os.tmpdir(), 'tessera-tables-'));
  const turns = Array.from({ length: alternations }, () => ({
    small: step(1e5),
    large: step(1e7, join(folder, 'table.safetensors')),
  }));
  rmSync(folder, { recursive: true });
  const ratios = turns.map(({ small, large }) => large.cpu / small.cpu);
  return { turns, ratios, ratio: median(ratios) };
}

function benchmarkRanking(): object {
  const script = join(import.meta.dirname, 'ranking.ts');
  return child<object>(process.execPath, [script, String(os.availableParallelism())]);
}

function machine(): object {
  return {
    cpu: os.cpus()[0]?.model,
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'steps,dlrm,tables,itemTables,sequential,ranking,import,ui,codebooks' },
    rows: { type: 'string', default: '20000000' },
    alternations: { type: 'string', default: '7' },
    models: { type: 'string' },
    'epoch-steps': { type: 'string' },
  },
});
const alternations = Number(values.alternations);
const python = pythonWithTorch();
if (!python) {
  console.error(
    'PyTorch is absent (Debian: python3-torch, libopenblas0-pthread); steps of ours alone are timed',
  );
}
const earlier = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
const benchmarks: Record<string, () => object> = {
  steps: () => benchmarkSteps(sasrecStep, python, alternations),
  dlrm: () => benchmarkSteps(dlrmStep, python, alternations),
  tables: () => benchmarkTables('dlrm', Math.min(alternations, 3)),
  itemTables: () => benchmarkTables('sasrec', Math.min(alternations, 3)),
  sequential: () => ({
    ...earlier.sequential,
    ...benchmarkSequential(python, {
      alternations,
      models: values.models?.split(','),
      epochSteps: values['epoch-steps'] === undefined ? undefined : Number(values['epoch-steps']),
    }),
  }),
  ranking: benchmarkRanking,
  ui: () => child<object>(process.execPath, [join(import.meta.dirname, 'ui', 'measure.ts')]),
  codebooks: () => child<object>(process.execPath, [join(import.meta.dirname, 'ui', 'codebooks.ts')]),
  import: () => benchmarkImport(Number(values.rows), 3, 'by-time'),
};
const results: Record<string, unknown> = { ...earlier, machine: machine() };
for (const name of values.only.split(',')) {
  const benchmark = benchmarks[name];
  if (!benchmark) {
    console.error(`unknown benchmark "${name}"; choose from: ${Object.keys(benchmarks).join(', ')}`);
    process.exit(2);
  }
  console.error(`${name} ...`);
  results[name] = benchmark();
  console.log(JSON.stringify({ [name]: results[name] }, null, 2));
}
writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
