import type { ComparisonCell, ComparisonView, MetricColumn } from '../../../core/api/compare.ts';
import { grouped, meanText, signed, signedRange } from '../../format/format.ts';

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
        {column.label} {meanText({ mean, std }, column.decimals)}
        {over !== null && significance !== null && `; ${testText(significance, column)}`}
        {best.isBaseline && '; it is the baseline'}
      </p>
    </section>
  );
}

function testText(
  { difference, interval, significant, count, unit }: NonNullable<ComparisonCell['significance']>,
  { decimals }: MetricColumn,
): string {
  return [
    `difference ${signed(difference, decimals)}`,
    `95 % interval ${signedRange(interval, decimals)}`,
    `${significant ? 'significant' : 'not significant'} over ${grouped(count)} ${unit}`,
  ].join(', ');
}
