/** One model over several windows of time: its values beside each other, where they are in one comparison. */

import { meanOfKnown } from '../../../evaluation/metrics.ts';
import { canonicalJson, comparisonKey } from '../../../evaluation/protocol.ts';
import { standardDeviation } from '../../../evaluation/significance.ts';
import type { NextItemProtocol, Protocol } from '../../../evaluation/types.ts';
import { modelTitle } from '../../../model-facts.ts';
import { sharedName } from '../../../run-names.ts';
import type { DocumentSection } from '../../document.ts';
import { fixed } from '../../format.ts';
import type { Comparison, ComparisonRow } from '../../types.ts';
import { configWithoutSeed } from '../rows/configs.ts';

interface WindowRow {
  row: ComparisonRow;
  window: number;
  windows: number;
  /** Of rows that differ in their window alone. */
  key: string;
}

/** Of each model that was measured in two windows or more; none without such. */
export function windowSections({ rows, columns }: Comparison): DocumentSection[] {
  const all = rows.flatMap((row) => windowOf(row) ?? []);
  const groups = [...Map.groupBy(all, ({ key }) => key).values()].filter(
    (group) => new Set(group.map(({ window }) => window)).size > 1,
  );
  if (groups.length === 0) return [];
  const most = Math.max(...groups.flat().map(({ windows }) => windows));
  const numbers = Array.from({ length: most }, (_, at) => at + 1);
  const lines = columns.flatMap(({ label, decimals }, column) =>
    groups.map((group) => {
      const values = numbers.map((number) =>
        meanOfKnown(group.filter(({ window }) => window === number).map(({ row }) => row.cells[column].mean)),
      );
      const known = values.filter((value) => value !== null);
      const spread = standardDeviation(known);
      return [
        nameOf(group),
        label,
        ...values.map((value) => fixed(value, decimals)),
        ...[meanOfKnown(known), spread].map((value) => fixed(value, decimals)),
        `${known.length} of ${group[0].windows}`,
      ];
    }),
  );
  const table = {
    headings: [
      'Model',
      'Metric',
      ...numbers.map((number) => `Window ${number}`),
      'Mean',
      'Spread',
      'Windows',
    ],
    textColumns: 2,
    lines,
  };
  return [
    {
      title: 'Over windows of time',
      part: 'all-metrics',
      table,
      notes: [
        'Spread: standard deviation over windows (n − 1). Each training contains the ones before, of largely the same users: it says how much the answer changes with time, and is neither ' +
          'an error of the mean nor what another seed would change; differences are tested within a window.',
      ],
    },
  ];
}

function windowOf(row: ComparisonRow): WindowRow | null {
  const [run] = row.runs;
  const { protocol } = run;
  if (!protocol || protocol.task !== undefined || protocol.window === undefined) return null;
  const { window, windows = window, ...others } = protocol as NextItemProtocol & { window: number };
  const { window: _, ...config } = configWithoutSeed(run);
  const key = canonicalJson([run.model, config, windows, comparisonKey(others as Protocol)]);
  return { row, window, windows, key };
}

/** What the rows are called but for their window. */
function nameOf(group: readonly WindowRow[]): string {
  const [{ row }] = group;
  return sharedName(group.map((one) => one.row.fullName)) || modelTitle(row.model);
}
