import { meanText } from '../format/format.ts';
import { type Column, cellText } from './columns.ts';

interface CellContentProps<Row> {
  column: Column<Row>;
  row: Row;
  selected?: boolean;
}

/** A cell as its column shows it. */
export function CellContent<Row>({ column, row, selected = false }: CellContentProps<Row>) {
  if (column.render) return column.render(row, selected);
  const value = column.value(row);
  const isMean = value === undefined || value === null || (typeof value === 'object' && 'mean' in value);
  if (column.kind === 'mean' && !column.text && isMean) {
    const decimals = typeof column.decimals === 'number' ? column.decimals : undefined;
    return <MeanCell cell={value ?? undefined} decimals={decimals} />;
  }
  return (
    <>
      {cellText(column, row)}
      {column.detail && <span className="field-help block">{column.detail(row)}</span>}
    </>
  );
}

interface MeanCellProps {
  cell: { mean: number; std: number | null } | undefined;
  decimals?: number;
  place?: 'best' | 'second';
  /** What it is over, where it is not over all. */
  note?: string;
}

/** Means stand below each other, whether or not they have a deviation. */
export function MeanCell({ cell, decimals, place, note }: MeanCellProps) {
  const [mean, spread] = meanText(cell, decimals).split(/ (?=±)/);
  return (
    <>
      <span className="cell-mean" data-place={place}>
        {mean}
      </span>
      {note && <abbr title={note}>*</abbr>}
      <span className="cell-spread small faint text-start">{spread && ` ${spread}`}</span>
    </>
  );
}
