/**
 * Every benchmark, against its peer where there is one; writes bench/results.json.
 *
 * usage: npm run bench -- [--only sequential,tiger,rpg,dlrm,tables,itemTables,ranking,lists,libraries,import,ui,codebooks,growth,scale] [--rows N]
 *        [--alternations N] [--models sasrec,…] [--cases full,…] [--modes eager,…] [--epoch-steps N] [--subjects import,…]
 * The peers need a Python with torch, for the lists with transformers too: TORCH_PYTHON=venv/bin/python npm run bench.
 * That of RECTOOLS_PYTHON has rectools[torch], that of RECBOLE_PYTHON recbole with NumPy 1.
 * Times on a shared machine are noisy: read the ratios, whose two sides alternate within one run.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { benchmarkGrowth } from './growth/run.ts';
import { benchmarkImport } from './import/run.ts';
import { median } from './median.ts';
import { comparePeer, MODES, type Peer, withFolder } from './peers.ts';
import { child, pythonWithTorch, type StepTime, torchEnvironment } from './processes.ts';
import { benchmarkScale } from './scale/run.ts';
import { benchmarkSequential, cases, ITEMS } from './sequential.ts';

const STEPS = 10;
const resultsFile = join(import.meta.dirname, 'results.json');

/** DLRM's Criteo Kaggle configuration, batch 2,048, ids modulo 1 million. */
const dlrm: Peer = {
  ...{ ours: 'dlrm-step.ts', torch: 'dlrm_step.py', modes: ['eager', 'compiled'] },
  args: (threads, steps) => [String(threads), String(steps), '2048', '1000000'],
};
const tiger = (encoding: 'causal' | 'prefixes'): Peer => ({
  ...{ ours: 'tiger-step.ts', torch: 'tiger_step.py' },
  args: (threads, steps) => [String(threads), String(steps), encoding],
});
const rpg: Peer = {
  ...{ ours: 'rpg-step.ts', torch: 'rpg_step.py' },
  args: (threads, steps) => [String(threads), String(steps)],
};

/** A step against PyTorch: CPU time on one thread. */
const step = (peer: Peer) =>
  comparePeer(peer, python, { threads: 1, time: 'cpu', steps: STEPS, alternations, modes });

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

/** Medians of the CPU time of ours and of each way of a peer, in turns, and of the ratios to the peer's quicker way. */
function alternated(ours: () => StepTime, ways: Record<string, () => StepTime>): object {
  const turns = Array.from({ length: alternations }, () => ({
    ours: ours().cpu,
    peers: Object.fromEntries(Object.entries(ways).map(([way, run]) => [way, run().cpu])),
  }));
  const medians = Object.keys(ways).map((way) => ({
    way,
    seconds: median(turns.map(({ peers }) => peers[way])),
  }));
  const [better] = medians.sort((a, b) => a.seconds - b.seconds);
  const ratios = better ? turns.map((turn) => turn.ours / turn.peers[better.way]) : [];
  const seconds = median(turns.map((turn) => turn.ours));
  return { seconds, peers: medians, ratio: better ? median(ratios) : null, ratios };
}

const node = (script: string, ...args: string[]) =>
  child(process.execPath, [join(import.meta.dirname, script), ...args]);
const torch = (script: string, ...args: string[]) =>
  child(python as string, [join(import.meta.dirname, 'torch', script), ...args], torchEnvironment(1));

/** Ranks of 22,363 users among 12,101 items: as a whole, and without encoding histories against product and top-k. */
function benchmarkRanking(): object {
  const sizes = ['22363', '12101', '64', '20', '1'];
  const ways = ['eager', 'compiled'].map((way) => [way, () => torch('ranking.py', ...sizes, way)]);
  return {
    whole: node('ranking.ts', '1'),
    bare: alternated(() => node('ranking.ts', '1', 'bare'), python ? Object.fromEntries(ways) : {}),
  };
}

/** Lists of 10 for 1,024 users, 50 and 20 beams. */
function benchmarkLists(): object {
  return withFolder((folder) => {
    const file = join(folder, 'lengths.json');
    const of = (beams: string) =>
      alternated(
        () => node('tiger-lists.ts', '1024', beams, '1', file),
        python ? { transformers: () => torch('tiger_lists.py', file, beams, '1') } : {},
      );
    return { beams20: of('20'), beams50: of('50') };
  });
}

/** An epoch and an evaluation of SASRec at Amazon Beauty's sizes, against RecTools and RecBole in the Pythons that the environment names. */
function benchmarkLibraries(): object {
  const { batch, lengths, preset } = cases(0).beautyEpoch;
  const items = String(ITEMS[preset]);
  const steps = Math.ceil(lengths.length / batch);
  return withFolder((folder) => {
    const file = join(folder, 'lengths.json');
    writeFileSync(file, JSON.stringify(lengths));
    const library = (script: string, its?: string) =>
      its && child(its, [join(import.meta.dirname, 'torch', script), file, items, '1'], torchEnvironment(1));
    return Array.from({ length: alternations }, () => ({
      ours: {
        epoch:
          steps *
          node('next-item-step.ts', 'sasrec', '1', String(steps), String(batch), file, preset, items).cpu,
        evaluation: node('ranking.ts', '1').cpu,
      },
      rectools: library('rectools_sasrec.py', process.env.RECTOOLS_PYTHON),
      recbole: library('recbole_sasrec.py', process.env.RECBOLE_PYTHON),
    }));
  });
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
    only: {
      type: 'string',
      default: 'sequential,tiger,rpg,dlrm,tables,itemTables,ranking,lists,import,ui,codebooks',
    },
    rows: { type: 'string', default: '20000000' },
    alternations: { type: 'string', default: '5' },
    models: { type: 'string' },
    cases: { type: 'string' },
    modes: { type: 'string' },
    subjects: { type: 'string' },
    'epoch-steps': { type: 'string' },
  },
});
const alternations = Number(values.alternations);
const modes = z.array(z.enum(MODES)).optional().parse(values.modes?.split(','));
const python = pythonWithTorch();
if (!python) {
  console.error(
    'PyTorch is absent (pip install torch transformers, then TORCH_PYTHON=its python); ours alone is timed',
  );
}
const earlier = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
const benchmarks: Record<string, () => object> = {
  tiger: () => ({ causal: step(tiger('causal')), prefixes: step(tiger('prefixes')) }),
  rpg: () => step(rpg),
  dlrm: () => step(dlrm),
  tables: () => benchmarkTables('dlrm', Math.min(alternations, 3)),
  itemTables: () => benchmarkTables('sasrec', Math.min(alternations, 3)),
  sequential: () =>
    benchmarkSequential(python, {
      alternations,
      models: values.models?.split(','),
      cases: values.cases?.split(','),
      modes,
      epochSteps: values['epoch-steps'] === undefined ? undefined : Number(values['epoch-steps']),
      earlier: earlier.sequential,
    }),
  ranking: benchmarkRanking,
  lists: benchmarkLists,
  libraries: benchmarkLibraries,
  growth: () => benchmarkGrowth(values.subjects?.split(',')),
  scale: () => benchmarkScale(values.subjects?.split(','), earlier.scale),
  ui: () => ({
    ...child<object>(process.execPath, [join(import.meta.dirname, 'ui', 'measure.ts')]),
    wide: child<object>(process.execPath, [join(import.meta.dirname, 'ui', 'wide-table.ts')]),
  }),
  codebooks: () => child<object>(process.execPath, [join(import.meta.dirname, 'ui', 'codebooks.ts')]),
  import: () => benchmarkImport(Number(values.rows), alternations, 'by-time'),
};
const results: Record<string, unknown> = { machines: {}, ...earlier };
for (const name of values.only.split(',')) {
  const benchmark = benchmarks[name];
  if (!benchmark) {
    console.error(`unknown benchmark "${name}"; choose from: ${Object.keys(benchmarks).join(', ')}`);
    process.exit(2);
  }
  console.error(`${name} ...`);
  const result = benchmark();
  // Growth has a file and a page of its own.
  if (name === 'growth') continue;
  results[name] = result;
  // Others may be of another machine, and of another day.
  results.machines = { ...(results.machines as object), [name]: machine() };
  console.log(JSON.stringify({ [name]: result }, null, 2));
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
}
