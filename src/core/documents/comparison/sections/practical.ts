/** Tables about practical equivalence and sample size, where a reader asked for them. */

import { ALPHA } from '../../../evaluation/paired/pairing.ts';
import type { PairedTest } from '../../../evaluation/paired/types.ts';
import type { DocumentSection } from '../../document.ts';
import { fixed, grouped, pValue, signed, signedRange } from '../../format.ts';
import type { Comparison, ComparisonRow, MetricColumn } from '../../types.ts';
import { markedName } from '../rows/footnotes.ts';

interface Line {
  row: ComparisonRow;
  column: MetricColumn;
  test: PairedTest;
}

/** Metric by metric, as the table of differences; whoever asks for them has them, whatever parts a report has. AUC and metrics without a value a user have none. */
export function practicalSections(comparison: Comparison): DocumentSection[] {
  const { rows, columns } = comparison;
  const lines = columns.flatMap((column, at) =>
    rows.flatMap((row): Line[] => {
      const test = row.cells[at].significance;
      return test?.test === 't' && test.practical ? [{ row, column, test }] : [];
    }),
  );
  return [...equivalenceSection(lines), ...neededSection(lines)];
}

function equivalenceSection(all: readonly Line[]): DocumentSection[] {
  const lines = all.flatMap((line) => {
    const rope = line.test.practical?.rope;
    return rope ? [{ ...line, rope }] : [];
  });
  if (lines.length === 0) return [];
  const error = Math.max(...lines.map(({ rope }) => rope.signedRank.error));
  const table = {
    headings: [
      ...['Run', 'Metric', 'Difference', 'Region', '90 % interval', 'p, equivalence'],
      ...['P(below)', 'P(within)', 'P(above)'],
    ],
    textColumns: 2,
    lines: lines.map(({ row, column: { label, decimals }, test, rope }) => {
      const { smaller, within, larger } = rope.signedRank;
      // A region may be smaller than the digits of its metric show.
      const size =
        rope.size > 0 && rope.size < 10 ** -decimals ? rope.size.toPrecision(2) : fixed(rope.size, decimals);
      return [
        ...[markedName(row), label, signed(test.difference, decimals), `± ${size}`],
        ...[signedRange(rope.equivalence.interval, decimals), pValue(rope.equivalence.holm)],
        ...[smaller, within, larger].map((p) => fixed(p, 3)),
      ];
    }),
  };
  return [
    {
      title: 'Practical equivalence',
      table,
      notes: [
        `Equivalence: two one-sided paired t-tests, Holm-adjusted over the rows of a metric; p < ${ALPHA} says that the mean difference lies within the region, ` +
          'and a larger p says nothing: neither that rows differ nor that they are equal.',
        'P: posterior of the Bayesian signed-rank test (Benavoli et al. 2014; prior 0.5 on no difference) that the mean difference of two users drawn at random is most often below, ' +
          `within or above the region, whichever way is better; of one row at a time, not adjusted. Its draws leave a standard error of at most ${error < 0.001 ? '0.001' : fixed(error, 3)}. ` +
          'It is about most pairs of users and not about the mean: where most users do not differ, within is the most probable.',
        'The region is what the reader of these numbers takes for equal; it has to be chosen before they are seen.',
      ],
    },
  ];
}

function neededSection(all: readonly Line[]): DocumentSection[] {
  const lines = all.flatMap((line) => {
    const needed = line.test.practical?.needed;
    return needed ? [{ ...line, needed }] : [];
  });
  if (lines.length === 0) return [];
  const [{ needed }] = lines;
  const table = {
    headings: ['Run', 'Metric', 'Difference', 'Users here', 'Users needed', 'Seeds here', 'Seeds needed'],
    textColumns: 2,
    lines: lines.map(({ row, column: { label, decimals }, test, needed: { values, seeds } }) => [
      ...[markedName(row), label, signed(test.difference, decimals)],
      ...[grouped(test.count), grouped(values), String(row.runs.length), grouped(seeds)],
    ]),
  };
  return [
    {
      title: 'What these differences would need',
      table,
      notes: [
        `Needed to find a difference of this size with a chance of ${Number((100 * needed.power).toFixed(1))} % by a two-sided test at ${ALPHA} (normal approximation, without Holm's correction), if the true difference and ` +
          'its spread are those seen here: for planning, and no evidence for or against the difference. Users: of paired users like these (rows, where a log has one a user). Seeds: of each row, ' +
          'from the spread of both over their seeds; – where one of them has a single seed, or nothing differs.',
      ],
    },
  ];
}
