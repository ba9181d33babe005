import { describe, expect, it } from 'vitest';
import { type ClickPredictions, clickMetrics } from '../evaluation/predictions.ts';
import type { RankingProtocol } from '../evaluation/types.ts';
import { compareRuns } from './comparison.ts';
import { differenceLines, testNote } from './sections.ts';
import type { ComparedRun } from './types.ts';

const ROWS = 600;
const protocol: RankingProtocol = {
  ...{ task: 'ranking', dataset: 'f'.repeat(64), labels: 'given', tasks: ['click'], split: 'random' },
  ...{ validShare: 0.1, testShare: 0.1, splitSeed: 1, target: 'test', selection: 'validation' },
};

/** Log-odds that know the label as well as `skill` says. */
function ranking(id: string, skill: number, seed: number, first = 0): ComparedRun {
  const at = Array.from({ length: ROWS }, (_, row) => row);
  const labels = Uint8Array.from(at, (row) => ((row * 7919) % 13 < 5 ? 1 : 0));
  const predictions: ClickPredictions = {
    ...{ split: 'test', tasks: ['click'], rows: Int32Array.from(at, (row) => first + row), labels: [labels] },
    logits: [Float32Array.from(at, (row) => skill * labels[row] + 2 * Math.sin(row * (1 + seed)))],
    users: Int32Array.from(at, (row) => row % 30),
    items: Int32Array.from(at, (row) => row % 50),
    itemCounts: new Int32Array(ROWS),
    userCounts: new Int32Array(ROWS),
  };
  const metrics = clickMetrics(predictions);
  return {
    id,
    name: id,
    model: 'dlrm',
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
      expect(significance?.test).toBe(name === 'test/auc' ? 'delong' : undefined);
    });
    expect(comparison.columns.map(({ name }) => name)).toContain('test/gauc');
    expect(row.cells[0].significance).toMatchObject({ users: ROWS, unit: 'rows', significant: true });
    expect(differenceLines(comparison)[0]).toMatchObject({ metric: 'AUC', wilcoxon: '–', significant: true });
    expect(testNote(comparison)).toMatch(/^Paired over 600 rows .* AUC: DeLong's test/);
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
});
