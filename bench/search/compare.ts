/**
 * Searchers on the curves that record.ts recorded: 50 seeds, paired, in that the searches of a seed draw the same configurations in the
 * same order. usage: node bench/search/compare.ts FOLDER
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wilcoxon } from '../../src/core/evaluation/significance.ts';
import { Random } from '../../src/core/math/random.ts';
import { promoted, rungsOf } from '../../src/core/studies/search/asha.ts';
import { FIRST_TRIALS, tpeGain } from '../../src/core/studies/search/tpe.ts';
import { median } from '../median.ts';
import { CONFIGURATIONS, type Curve, EPOCHS, fileOf, SPACE } from './curves.ts';

const SEEDS = 50;
/** Trials of random search and TPE, each to the last epoch. */
const TRIALS = 40;
const ASHA = { min: 1, eta: 3 };

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node bench/search/compare.ts FOLDER');
const curves: Curve[] = Array.from({ length: CONFIGURATIONS }, (_, at) => join(folder, 'curves', fileOf(at)))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));

if (curves.length < TRIALS) throw new Error(`${folder} has ${curves.length} curves: record some more first`);

const best = (at: number, epochs = EPOCHS) => Math.max(...curves[at].values.slice(0, epochs));

/** Epochs trained and the best value known then, as a search goes on. */
type History = { epochs: number; value: number }[];

const last = (history: History) => history.at(-1) ?? { epochs: 0, value: Number.NEGATIVE_INFINITY };

function add(history: History, epochs: number, value: number): void {
  const before = last(history);
  history.push({ epochs: before.epochs + epochs, value: Math.max(before.value, value) });
}

function random(order: readonly number[]): History {
  const history: History = [];
  for (const at of order.slice(0, TRIALS)) add(history, EPOCHS, best(at));
  return history;
}

/** As many random ones first, then of all that are left the one of the largest gain. */
function tpe(order: readonly number[]): History {
  const history: History = [];
  const tried: number[] = [];
  while (tried.length < TRIALS) {
    const trials = tried.map((at) => ({ settings: curves[at].settings, loss: -best(at), epochs: EPOCHS }));
    const left = order.filter((at) => !tried.includes(at));
    const gain = tpeGain(SPACE, trials);
    const gains = tried.length < FIRST_TRIALS ? [0] : left.map((at) => gain(curves[at].settings));
    const next = left[gains.indexOf(Math.max(...gains))];
    tried.push(next);
    add(history, EPOCHS, best(next));
  }
  return history;
}

/** One training at a time, until as many epochs are trained as random search trains. */
function asha(order: readonly number[]): History {
  const rungs = rungsOf(ASHA, EPOCHS);
  const history: History = [];
  const trials: { at: number; losses: number[]; waits: boolean }[] = [];
  while (last(history).epochs < TRIALS * EPOCHS) {
    const goesOn = promoted(trials, rungs, ASHA.eta);
    if (goesOn === null && trials.length === order.length) break;
    const trial = goesOn === null ? { at: order[trials.length], losses: [], waits: true } : trials[goesOn];
    if (goesOn === null) trials.push(trial);
    const from = rungs[trial.losses.length - 1] ?? 0;
    const to = rungs[trial.losses.length];
    trial.losses.push(-best(trial.at, to));
    add(history, to - from, best(trial.at, to));
  }
  return history;
}

/** Epochs until a value is reached; infinite where it is not. */
const until = (history: History, value: number) =>
  history.find((point) => point.value >= value)?.epochs ?? Number.POSITIVE_INFINITY;

const seeds = Array.from({ length: SEEDS }, (_, at) => {
  const order = [...new Random(at + 1, 0, 'curves').order(curves.length)];
  return { random: random(order), tpe: tpe(order), asha: asha(order) };
});

const shares = seeds.map((one) => until(one.asha, last(one.random).value) / (TRIALS * EPOCHS));
const ahead = seeds.map((one) => last(one.tpe).value - last(one.random).value);
const finals = (name: 'random' | 'tpe' | 'asha') => median(seeds.map((one) => last(one[name]).value));
console.log(`${curves.length} curves, the best ${Math.max(...curves.map((_, at) => best(at))).toFixed(4)}`);
console.log(
  `Median best: random ${finals('random').toFixed(4)}, TPE ${finals('tpe').toFixed(4)}, ASHA ${finals('asha').toFixed(4)} (${TRIALS} × ${EPOCHS} epochs each)`,
);
console.log(
  `ASHA has random search's best after ${(100 * median(shares)).toFixed(1)} % of its epochs (median); never in ${shares.filter((share) => !Number.isFinite(share)).length} of ${SEEDS} seeds`,
);
console.log(
  `TPE − random: median ${median(ahead).toFixed(5)}, ahead in ${ahead.filter((one) => one > 0).length}, behind in ${ahead.filter((one) => one < 0).length}; Wilcoxon p = ${wilcoxon(ahead).p.toPrecision(2)}`,
);
