import type { Column } from '../../components/columns.ts';
import { DataTable } from '../../components/DataTable.tsx';
import type { PagedRows } from '../../state/paged-rows.ts';
import { useWorkbench } from './workbench.ts';

interface ItemTableProps<Row extends { item: number }> {
  label: string;
  columns: readonly Column<Row>[];
  rows: Pick<PagedRows<Row>, 'total' | 'row' | 'onRange'>;
}

/** A long table of items; a click opens an item's card. */
export function ItemTable<Row extends { item: number }>({ label, columns, rows }: ItemTableProps<Row>) {
  const { change } = useWorkbench();
  return (
    <DataTable
      label={label}
      columns={columns}
      total={rows.total}
      row={rows.row}
      rowKey={({ item }) => String(item)}
      onRange={rows.onRange}
      onSelect={(keys) => {
        const [key] = keys;
        if (key !== undefined) change({ item: Number(key) });
      }}
    />
  );
}
