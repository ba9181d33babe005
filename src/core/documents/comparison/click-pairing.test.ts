import { describe, expect, it } from 'vitest';
import { compareClickSlices } from '../../evaluation/paired/slice-tests.ts';
import { type ClickPredictions, clickMetrics } from '../../evaluation/predictions.ts';
import type { ClickProtocol } from '../../evaluation/types.ts';
import { REPORT_PARTS } from '../formats.ts';
import type { ComparedRun } from '../types.ts';
import { writeComparison } from '../writers/write.ts';
import { compareRuns } from './comparison.ts';
import { differenceLines, testNote } from './sections/differences.ts';

const ROWS = 600;
const protocol: ClickProtocol = {
  task: 'ranking',
  dataset: 'f'.repeat(64),
  labels: 'given',
  tasks: ['click'],
  split: 'random',
  validShare: 0.1,
  testShare: 0.1,
  splitSeed: 1,
  target: 'test',
  selection: 'validation',
};

/** Log-odds that know the label as well as `skill` says. */
function ranking(id: string, skill: number, seed: number, first = 0): ComparedRun {
  const at = Array.from({ length: ROWS }, (_, row) => row);
  const labels = Uint8Array.from(at, (row) => ((row * 7919) % 13 < 5 ? 1 : 0));
  const predictions: ClickPredictions = {
    split: 'test',
    tasks: ['click'],
    rows: Int32Array.from(at, (row) => first + row),
    labels: [labels],
    logits: [Float32Array.from(at, (row) => skill * labels[row] + 2 * Math.sin(row * (1 + seed)))],
    users: Int32Array.from(at, (row) => row % 29),
    items: Int32Array.from(at, (row) => row % 50),
    itemCounts: Int32Array.from(at, (row) => (row % 50) * 3),
    userCounts: new Int32Array(ROWS),
  };
  const metrics = clickMetrics(predictions);
  return {
    id,
    name: id,
    model: 'dlrm',
    data: protocol.dataset,
    config: { skill, first },
    seed,
    metrics,
    protocol,
    predictions: [predictions],
  };
}

describe('comparison of click predictions', () => {
  it('tests the AUC after DeLong and every other metric row by row, their differences being those of the metrics', () => {
    const [base, better] = [ranking('base', 0.5, 1), ranking('better', 3, 2)];
    const comparison = compareRuns([base, better], { resamples: 200 });
    const row = comparison.rows[1];
    comparison.columns.forEach(({ name }, at) => {
      const { delta, significance } = row.cells[at];
      expect(delta).toBeCloseTo(better.metrics[name] - base.metrics[name], 10);
      if (name === 'test/ece') {
        expect(significance).toBeNull();
        return;
      }
      expect(significance?.difference, name).toBeCloseTo(delta ?? 0, 8);
      expect(significance?.interval[0]).toBeLessThan(significance?.interval[1] ?? 0);
      expect(significance?.test).toBe(name === 'test/auc' ? 'delong' : 't');
    });
    expect(comparison.columns.map(({ name }) => name)).toContain('test/gauc');
    expect(row.cells[0].significance).toMatchObject({ count: 29, unit: 'users', significant: true });
    expect(differenceLines(comparison)[0]).toMatchObject({
      metric: 'AUC',
      wilcoxon: '–',
      t: '< 0.001 (DeLong)',
      significant: true,
    });
    expect(testNote(comparison)).toMatch(/^Paired over 29 users .* AUC: DeLong's test/);
  });

  it('takes rows of one user together, so that doubled rows prove nothing more', () => {
    const doubled = (run: ComparedRun): ComparedRun => {
      const [one] = run.predictions ?? [];
      const twice = <T extends ArrayLike<number>>(values: T) =>
        Array.from(values).flatMap((value) => [value, value]);
      const rows = Int32Array.from({ length: 2 * ROWS }, (_, at) => at);
      const users = Int32Array.from(twice(rows.subarray(0, ROWS)));
      const predictions: ClickPredictions = {
        ...one,
        ...{ rows, users, items: users, itemCounts: users, userCounts: users },
        labels: [Uint8Array.from(twice(one.labels[0]))],
        logits: [Float32Array.from(twice(one.logits[0]))],
      };
      return { ...run, predictions: [predictions], metrics: clickMetrics(predictions) };
    };
    const alone = (run: ComparedRun): ComparedRun => {
      const [one] = run.predictions ?? [];
      const predictions = { ...one, users: one.rows };
      return { ...run, predictions: [predictions], metrics: clickMetrics(predictions) };
    };
    const pair = [ranking('base', 0.5, 1), ranking('better', 0.7, 2)];
    const options = { resamples: 100, metrics: ['auc', 'logloss'] };
    const [single, double] = [alone, doubled].map((of) => compareRuns(pair.map(of), options).rows[1].cells);
    for (const [at, { significance }] of single.entries()) {
      const other = double[at].significance;
      expect([significance?.unit, significance?.count]).toEqual(['rows', ROWS]);
      expect([other?.unit, other?.count]).toEqual(['users', ROWS]);
      // Student's distribution of 599 degrees of freedom in place of the normal one, of the AUC.
      expect(other?.p).toBeCloseTo(significance?.p ?? 0, at === 0 ? 2 : 8);
      expect(other?.interval[0]).toBeCloseTo(significance?.interval[0] ?? 0, at === 0 ? 3 : 8);
    }
  });

  it('never tests predictions of other rows, and takes the mean of seeds first', () => {
    const other = compareRuns([ranking('base', 1, 1), ranking('elsewhere', 2, 1, 7)], { resamples: 100 });
    expect(other.rows[1].cells.every(({ significance }) => significance === null)).toBe(true);
    const config = { dim: 8 };
    const seeds = [3, 4].map((seed) => ({ ...ranking(`s${seed}`, 2, seed), config }));
    const { rows, columns } = compareRuns([ranking('base', 1, 1), ...seeds], { resamples: 100 });
    const [auc] = rows[1].cells;
    expect(columns[0].name).toBe('test/auc');
    expect(rows[1].runs).toHaveLength(2);
    expect(auc.significance?.difference).toBeCloseTo(auc.delta ?? 0, 10);
  });

  it('tests every slice over all seeds, and puts value, interval, difference and p into every format', () => {
    const [base, better] = [ranking('base', 0.5, 1), ranking('better', 3, 2)];
    const further = { ...ranking('better', 3, 3), id: 'better-2' };
    const elsewhere = { ...ranking('elsewhere', 1, 1), protocol: { ...protocol, splitSeed: 9 } };
    const comparison = compareRuns([base, better, further, elsewhere], { resamples: 100 });
    comparison.slices = compareClickSlices(comparison.rows, comparison.baseline);
    const [ofBase, ofBetter, ofOther] = comparison.slices;
    expect(ofBase.every(({ differences }) => differences === undefined)).toBe(true);
    expect(ofOther.length).toBeGreaterThan(0);
    expect(ofOther.every(({ differences }) => differences === undefined)).toBe(true);
    const all = ofBetter.find(({ by }) => by === 'all');
    const whole = comparison.rows[1].cells[0].significance;
    expect(all?.differences?.['test/auc']).toMatchObject({
      difference: whole?.difference,
      interval: whole?.interval,
      p: whole?.p,
    });
    const unseen = ofBetter.find(({ slice }) => slice === 'unseen');
    const reference = ofBase.find(({ slice }) => slice === 'unseen');
    const auc = unseen?.differences?.['test/auc'];
    expect(unseen?.users).toBe(ROWS / 50);
    expect(auc?.difference).toBeCloseTo(
      (unseen?.metrics['test/auc'] ?? 0) - (reference?.metrics['test/auc'] ?? 0),
      10,
    );
    // Holm over the slices of a kind: the smallest p is multiplied by their number.
    const ages = ofBetter.filter(({ by }) => by === 'item age').map((own) => own.differences?.['test/auc']);
    const smallest = ages.reduce((best, own) => ((own?.p ?? 1) < (best?.p ?? 1) ? own : best));
    expect(smallest?.holm).toBeCloseTo(Math.min(1, ages.length * (smallest?.p ?? 1)), 12);
    const interval = unseen?.intervals?.['test/auc'].map((end) => end.toFixed(4)).join(' to ') ?? '';
    expect(interval).toMatch(/^\d/);
    const everything = { parts: REPORT_PARTS };
    // A table of a paper has its slices as columns, without intervals.
    expect(writeComparison(comparison, 'latex', everything)).toContain('{AUC by item}');
    for (const format of ['table', 'md', 'html'] as const) {
      const text = writeComparison(comparison, format, everything);
      expect(text, format).toContain(interval);
      expect(text, format).toMatch(/AUC by the item('|&#39;)s training rows/);
      expect(text, format).toMatch(/averaged over (the )?seeds/);
    }
    const plain = comparison.slices.map((own) =>
      own.map(({ intervals: _intervals, differences: _differences, ...slice }) => slice),
    );
    expect(writeComparison({ ...comparison, slices: plain }, 'md', everything), 'without intervals').toMatch(
      /^\| Slice \| +Rows \| Run \| +AUC \|$/m,
    );
    expect(JSON.parse(writeComparison(comparison, 'json')).rows[1].slices).toHaveLength(ofBetter.length);
    const csv = writeComparison(comparison, 'csv').split('\r\n');
    const line =
      csv.find((record) => record.startsWith('better,') && record.includes(',unseen,'))?.split(',') ?? [];
    expect(line[csv[0].split(',').indexOf('test/auc slice low95')]).toBe(
      unseen?.intervals?.['test/auc'][0].toFixed(6),
    );
    expect(csv.every((record) => record === '' || record.split(',').length >= csv[0].split(',').length)).toBe(
      true,
    );
  });
});
