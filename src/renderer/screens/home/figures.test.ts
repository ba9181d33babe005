import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byValidation } from '../../../core/api/compare.ts';
import { bestSoFarFigure } from './figures.ts';

const row = fc.record({
  model: fc.constantFrom('sasrec', 'hstu', 'ease'),
  valid: fc.option(fc.integer({ min: 0, max: 9 })),
  seeds: fc.integer({ min: 1, max: 3 }),
});

test('the line is what all runs that had ended by then would have chosen', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (given) => {
      const rows = given.map((one, at) => ({
        ...one,
        name: `run ${at}`,
        endedAt: at,
        metrics: { 'test/mrr': { mean: at, std: null, count: 1 } },
      }));
      const { series } = bestSoFarFigure('club', 'test/mrr', rows);
      const line = (series[0].points ?? []) as { x: number; y: number }[];
      const at = (time: number) => line.findLast(({ x }) => x <= time)?.y;
      for (const [time] of rows.entries())
        expect(at(time)).toBe(
          byValidation(rows.slice(0, time + 1), 'test/mrr').best[0]?.metrics['test/mrr'].mean,
        );
    }),
  );
});
