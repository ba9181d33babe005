/** A scaling study as text: its grid, its laws, their predictions. */

import type { StudyEstimate } from '../../../core/api/studies.ts';
import { countText } from '../../../core/names.ts';
import { duration, fixed, grouped } from '../../../core/reports/format.ts';
import { amount, lawFormula, lawTitle, predictionText, range } from '../../../core/reports/study/words.ts';
import type { StudyLaw, StudyPoint } from '../../../core/scaling/analysis.ts';
import { percentText } from '../../../core/scaling/study.ts';
import type { StudyResult } from '../../analyst/studies.ts';
import { textTable } from '../terminal/text-table.ts';
import { baseLargeText } from './base-large-text.ts';

const NUMBERS = ['Users', 'Seed', 'N', 'Parameters', 'Positions', 'FLOP', 'Time', 'Cross-entropy', 'NDCG@10'];

/** One line a cell. */
export function pointsText(points: readonly StudyPoint[]): string {
  const rows = points.map((point) => [
    point.label,
    percentText(point.share),
    String(point.seed),
    grouped(point.nonEmbedding),
    grouped(point.parameters),
    grouped(point.positions),
    amount(point.flops),
    duration(point.seconds),
    fixed(point.crossEntropy, 4),
    fixed(point.ndcg, 4),
    point.run?.status ?? 'no run',
  ]);
  return textTable(['Size', ...NUMBERS, 'Status'], rows, NUMBERS);
}

/** The law in one line, its intervals, the predicted size, and warnings. */
function lawText(law: StudyLaw): string {
  const lines = [lawTitle(law)];
  if (law.fit) {
    const { intervals, r2, cautions } = law.fit;
    const scale = law.axis === 'parameters' ? 'N0' : 'D0';
    lines.push(
      `  ${lawFormula(law)}   R² ${fixed(r2, 4)}, ${countText(law.points.length, 'size')}`,
      `  95 %: E ${range(intervals.e)}, ${scale} ${range(intervals.x0)}, α ${range(intervals.alpha)}`,
      ...cautions.map((caution) => `  Beware: ${caution}`),
    );
  }
  const prediction = predictionText(law);
  if (prediction) lines.push(`  ${prediction}`);
  lines.push(...law.problems.map((problem) => `  The largest size is not predicted: ${problem}.`));
  return lines.join('\n');
}

/** The laws that could be fitted, and why the others could not. */
export function lawsText(laws: readonly StudyLaw[]): string {
  const fitted = laws.filter(({ fit }) => fit !== null);
  const unfitted = laws.find(({ fit }) => fit === null);
  const left = `Not fitted: ${laws.length - fitted.length} of ${laws.length}`;
  const note = unfitted ? [`${left}, such as ${lawTitle(unfitted)}: ${unfitted.problems[0]}.`] : [];
  return [...fitted.map(lawText), ...note].join('\n\n');
}

/** What the whole grid costs, before it starts: as `studyCost` counts it, at the speed of a matrix product. */
export function costText({ flops, bytes }: { flops: number; bytes: number }, gflops: number): string {
  return (
    `${amount(flops)}FLOP to compute, about ${amount(bytes)}B for parameters, optimiser and a step's values; ` +
    `at this device's ${fixed(gflops, 0)} GFLOP/s no less than ${duration(flops / gflops / 1e9)}`
  );
}

/** What trials measured for every size and in total. */
export function estimateText({ sizes, seconds, memoryBytes }: StudyEstimate): string {
  const rows = sizes.map((size) => [
    size.label,
    duration(size.seconds),
    `${amount(size.memoryBytes)}B`,
    size.basis,
    size.note,
  ]);
  const total = seconds === null ? 'unknown' : `about ${duration(seconds)} one after the other`;
  return [
    textTable(['Size', 'Time a run', 'Memory', 'Basis', 'Note'], rows, ['Time a run', 'Memory']),
    '',
    `Every epoch counted: ${total}, at most ${amount(memoryBytes)}B of memory.`,
  ].join('\n');
}

/** A complete study: its grid, and its laws or the steps from base to Large. */
export function studyText({ points, laws, baseLarge }: StudyResult): string {
  const found = baseLarge ? baseLargeText(baseLarge) : lawsText(laws);
  return [pointsText(points), found].filter((part) => part !== '').join('\n\n');
}
