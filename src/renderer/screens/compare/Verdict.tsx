import type { ReactNode } from 'react';
import type { ComparisonCell, ComparisonView, MetricColumn } from '../../../core/api/compare.ts';
import { grouped, meanText, signed, signedRange } from '../../format/format.ts';

interface VerdictProps {
  view: ComparisonView;
  /** How far the tests are, in the place of what they say. */
  testing?: ReactNode;
}

/** The answer first: which of the listed rows has the best value of the first metric, and how far before the baseline. */
export function Verdict({ view, testing }: VerdictProps) {
  const { columns, rows, protocols, baseline } = view;
  const [column] = columns;
  // Across protocols there is no best.
  const best =
    column && protocols.length === 1 && rows.length > 1
      ? rows.find(({ cells: [cell] }) => cell.mark === 'best')
      : undefined;
  const [cell] = best?.cells ?? [];
  if (!best || !cell || cell.mean === null) return testing ? <div className="verdict">{testing}</div> : null;
  const { mean, std, delta, deltaPercent, significance } = cell;
  const over = baseline === null || best.isBaseline ? null : rows[baseline].name;
  return (
    <section className="verdict" aria-label="Verdict">
      <p>
        <strong>
          {best.name} has the {column.direction === 'lower' ? 'lowest' : 'highest'} {column.label}
        </strong>
        {over !== null && delta !== null && (
          <span className="muted">
            , {deltaPercent === null ? signed(delta, column.decimals) : `${signed(deltaPercent, 1)} %`} over{' '}
            {over}
          </span>
        )}
      </p>
      {testing ?? (
        <p className="muted">
          {column.label} {meanText({ mean, std }, column.decimals)}
          {over !== null && significance !== null && `; ${testText(significance, column)}`}
          {best.isBaseline && '; it is the baseline'}
        </p>
      )}
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
