import type { Column, TableSource } from '../../../components/columns.ts';
import { Table } from '../../../components/Table.tsx';
import { useWorkbench } from '../workbench.ts';

interface ItemTableProps<Row extends { item: number }> {
  label: string;
  columns: readonly Column<Row>[];
  rows: TableSource<Row>;
}

/** A long table of items; a click opens an item's card. */
export function ItemTable<Row extends { item: number }>({ label, columns, rows }: ItemTableProps<Row>) {
  const { change } = useWorkbench();
  return (
    <Table
      label={label}
      columns={columns}
      rows={rows}
      rowKey={({ item }) => String(item)}
      onSelect={(keys) => {
        const [key] = keys;
        if (key !== undefined) change({ item: Number(key) });
      }}
    />
  );
}
