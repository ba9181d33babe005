import type { ComparisonView } from '../../../core/api/compare.ts';
import { fixed, signed } from '../../format/format.ts';

/** The answer first: which row is best by the first metric, and how far before the baseline. */
export function Verdict({ view }: { view: ComparisonView }) {
  const { columns, rows, protocols, baseline } = view;
  const [column] = columns;
  // Across protocols there is no best.
  if (!column || protocols.length > 1 || rows.length < 2) return null;
  const best = rows.find(({ cells: [cell] }) => cell.mark === 'best');
  if (!best) return null;
  const [cell] = best.cells;
  const { mean, std, delta, deltaPercent, significance } = cell;
  if (mean === null) return null;
  const value = `${fixed(mean, column.decimals)}${std === null ? '' : ` ± ${fixed(std, column.decimals)}`}`;
  const over = baseline === null || best.isBaseline ? null : rows[baseline].name;
  return (
    <section className="verdict" aria-label="Verdict">
      <p>
        <strong>{best.name} is best</strong>
        {over !== null && delta !== null && (
          <span className="muted">
            , {deltaPercent === null ? signed(delta, column.decimals) : `${signed(deltaPercent, 1)} %`} over{' '}
            {over}
          </span>
        )}
      </p>
      <p className="muted">
        {column.label} {value}
        {over !== null &&
          significance !== null &&
          `; difference ${signed(significance.difference, column.decimals)}, 95 % interval ${signed(significance.interval[0], column.decimals)} to ${signed(significance.interval[1], column.decimals)}, ${significance.significant ? 'significant' : 'not significant'} over ${significance.count.toLocaleString('en-US')} ${significance.unit}`}
        {best.isBaseline && '; it is the baseline'}
      </p>
    </section>
  );
}
