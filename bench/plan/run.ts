/**
 * From a question to the paper's table, with kills and without: a plan is run by one command to its end, and in another home by the same
 * command, which is killed with all its processes at five random moments and given again. Tables, metrics and ranks are to be equal.
 *
 *   node bench/plan/run.ts data OUT                            # invented data of Amazon Toys' size into OUT/toys
 *   python bench/torch/als_lists.py OUT/toys/ratings.csv OUT/toys/lists.csv     # in an environment with implicit and pandas
 *   node bench/plan/run.ts prove OUT --lists OUT/toys/lists.csv
 *   node bench/plan/run.ts prove OUT --films ml-latest-small --lists OUT/films-lists.csv
 *
 * `--films`: a folder with ratings.csv and movies.csv of MovieLens, three seeds; without it Toys, one seed. `--tiny`: both in two minutes.
 * `--kills 5 --draw N`: how many, and what draws their moments. All is kept in OUT: the same command goes on where it was ended.
 * Leave the program as it is meanwhile: runs of another version are no runs of the plan. On Linux, which says what processes a command
 * has started.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../src/core/math/random.ts';
import { TOYS, writeCounted } from './data.ts';
import { type Compared, compareDigests, digestOf, trainedNow } from './digest.ts';
import { planText, SIZES } from './plans.ts';
import { type Ended, identityOf, killTree, runTree } from './process-tree.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');
const TINY = { users: 200, items: 110, interactions: 1730 };

interface Step extends Ended {
  home: 'whole' | 'killed';
  done: number;
  /** What trained when it was killed. */
  training: string[];
  /** It was ended with this process, nobody knows after how long. */
  isCut?: true;
}

/** Kept beside the homes. */
interface Progress {
  steps: Step[];
  /** Fractions of the whole run's time, ascending. */
  moments: number[];
  /** The command that runs, should this process be ended. */
  running: { home: Step['home']; pid: number; identity: string | null } | null;
}

interface Work {
  folder: string;
  name: string;
  plan: string;
  progress: Progress;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    films: { type: 'string' },
    lists: { type: 'string' },
    tiny: { type: 'boolean', default: false },
    kills: { type: 'string', default: '5' },
    draw: { type: 'string', default: '1' },
  },
});
const [task, out = ''] = positionals;
if ((task !== 'data' && task !== 'prove') || out === '')
  throw new Error('usage: node bench/plan/run.ts data|prove OUT [--films FOLDER] [--lists FILE] [--tiny]');
const counts = values.tiny ? TINY : TOYS;
const toys = join(out, values.tiny ? 'tiny' : 'toys');
if (task === 'data') console.log(writeCounted(toys, counts).join('\n'));
else await prove(begun());

function begun(): Work {
  const { films, tiny, lists, kills, draw } = values;
  const name = [films ? 'films' : 'toys', ...(tiny ? ['tiny'] : [])].join('-');
  const folder = resolve(out, `proof-${name}`);
  mkdirSync(folder, { recursive: true });
  const files = films
    ? ['ratings.csv', 'movies.csv'].map((file) => resolve(films, file))
    : ['ratings.csv', 'items.csv'].map((file) => resolve(toys, file));
  const missing = [...files, ...(lists ? [lists] : [])].find((file) => !existsSync(file));
  if (missing) throw new Error(`there is no ${missing}: "node bench/plan/run.ts data" makes Toys`);
  const plan = join(folder, 'paper.yaml');
  const size = tiny ? SIZES.tiny : SIZES[films ? 'films' : 'toys'];
  const text = planText({ name, files, seeds: films ? '1-3' : '1', size, lists: lists && resolve(lists) });
  if (!existsSync(plan)) writeFileSync(plan, text);
  else if (readFileSync(plan, 'utf8') !== text)
    throw new Error(`${plan} is of another plan: name another folder, or remove this one`);
  const random = new Random(Number(draw), 0, 'kills');
  const moments = Array.from({ length: Number(kills) }, () => random.uniform()).sort((a, b) => a - b);
  const state = join(folder, 'progress.json');
  const progress: Progress = existsSync(state)
    ? JSON.parse(readFileSync(state, 'utf8'))
    : { steps: [], moments, running: null };
  endCut(folder, progress);
  return { folder, name, plan, progress };
}

/** What ran when this process was ended is ended, too, and a step that is no kill of the test. */
function endCut(folder: string, progress: Progress): void {
  const { running } = progress;
  if (!running) return;
  const { home, pid, identity } = running;
  if (identity !== null && identityOf(pid) === identity) killTree(pid);
  const unknown = { code: null, killed: false, wallSeconds: 0, cpuSeconds: 0 };
  progress.steps.push({ home, ...unknown, ...trainedNow(join(folder, home)), isCut: true });
  progress.running = null;
}

function keep({ folder, progress }: Work): void {
  writeFileSync(join(folder, 'progress.json'), JSON.stringify(progress, null, 2));
}

async function prove(work: Work): Promise<void> {
  const { folder, progress } = work;
  const of = (home: Step['home']) => progress.steps.filter((step) => step.home === home);
  const isDone = (home: Step['home']) => of(home).at(-1)?.code === 0;
  while (!isDone('whole')) await step(work, 'whole');
  const time = of('whole').reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
  while (!isDone('killed')) {
    const kills = of('killed').filter(({ killed }) => killed).length;
    const [before = 0, at] = [progress.moments[kills - 1], progress.moments[kills]];
    await step(work, 'killed', at === undefined ? undefined : Math.max(1, (at - before) * time));
  }
  const [whole, killed] = (['whole', 'killed'] as const).map((home) =>
    digestOf(join(folder, home), join(folder, `tables-${home}`)),
  );
  const compared = compareDigests(whole, killed);
  const latex = compiled(join(folder, 'tables-whole'));
  const text = reportText(progress.steps, compared, latex);
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ ...progress, compared, latex }, null, 2));
  writeFileSync(join(folder, 'report.md'), text);
  console.log(text);
  if (compared.differences.length > 0) process.exitCode = 1;
}

async function step(work: Work, home: Step['home'], killAfter?: number): Promise<void> {
  const { folder, plan, progress } = work;
  const dir = join(folder, home);
  const args = ['--disable-warning=ExperimentalWarning', CLI, '--home', dir, 'plan', 'run', plan];
  const where = ['--device', 'cpu', '--threads', '1', '--out', join(folder, `tables-${home}`)];
  let stop = () => {};
  const ended = await runTree([...args, ...where], {
    log: join(folder, `${home}.log`),
    killAfter,
    onStart: ({ pid }) => {
      progress.running = { home, pid, identity: identityOf(pid) };
      keep(work);
      stop = () => {
        killTree(pid);
        process.exit(130);
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop);
  progress.running = null;
  progress.steps.push({ home, ...ended, ...trainedNow(dir) });
  keep(work);
  if (!ended.killed && ended.code !== 0)
    throw new Error(`plan run ended with ${ended.code}: see ${join(folder, `${home}.log`)}`);
}

/** Whether the paper compiles, and its overfull boxes; null where pdflatex is not installed. */
function compiled(tables: string): { overfull: number } | { problem: string } | null {
  if (spawnSync('pdflatex', ['--version']).status !== 0) return null;
  const options = ['-interaction=nonstopmode', '-halt-on-error', `-output-directory=${join(tables, '..')}`];
  const made = spawnSync('pdflatex', [...options, 'paper.tex'], { cwd: tables, encoding: 'utf8' });
  if (made.status !== 0) return { problem: made.stdout.match(/^!.*$/m)?.[0] ?? 'pdflatex failed' };
  return { overfull: made.stdout.match(/^Overfull.*$/gm)?.length ?? 0 };
}

function reportText(steps: readonly Step[], compared: Compared, latex: ReturnType<typeof compiled>): string {
  const minutes = (seconds: number) => (seconds / 60).toFixed(1);
  const rows = steps.map(({ home, killed, isCut, wallSeconds, cpuSeconds, done, training }, at) => [
    ...[at + 1, home === 'whole' ? 'without kills' : 'with kills'],
    isCut ? 'with the benchmark' : killed ? 'kill -9' : 'by itself',
    ...(isCut ? ['–', '–'] : [minutes(wallSeconds), minutes(cpuSeconds)]),
    ...[done, killed || isCut ? training.join('; ') || 'nothing' : ''],
  ]);
  const head = ['step', 'run', 'ended', 'min', 'min of CPU', 'runs done', 'what trained'];
  const line = (cells: readonly unknown[]) => `| ${cells.join(' | ')} |`;
  const { runs, metrics, rankSets, tables, differences } = compared;
  const counted = `${runs} runs, ${metrics} metrics, ${rankSets} sets of ranks, ${tables} files of tables`;
  return [
    ...[line(head), line(head.map(() => '---')), ...rows.map(line), ''],
    differences.length === 0 ? `Equal: ${counted}.` : `${differences.length} of ${counted} differ:`,
    ...differences,
    latexText(latex),
  ].join('\n');
}

function latexText(latex: ReturnType<typeof compiled>): string {
  if (latex === null) return 'pdflatex is not installed: the paper was not compiled.';
  if ('problem' in latex) return `The paper does not compile: ${latex.problem}`;
  return `The paper compiles with ${latex.overfull} overfull boxes.`;
}
