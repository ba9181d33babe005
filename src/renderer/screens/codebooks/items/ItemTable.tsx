import { Table, type TableProps } from '../../../components/Table.tsx';
import { useWorkbench } from '../workbench.ts';

/** A long table of items; a click opens an item's card. */
export function ItemTable<Row extends { item: number }>(
  table: Pick<TableProps<Row>, 'label' | 'columns' | 'rows' | 'query'>,
) {
  const { change } = useWorkbench();
  return (
    <Table
      {...table}
      rowKey={({ item }) => String(item)}
      onSelect={(keys) => {
        const [key] = keys;
        if (key !== undefined) change({ item: Number(key) });
      }}
    />
  );
}
