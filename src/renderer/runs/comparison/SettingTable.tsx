import type { ReactNode } from 'react';
import { type Column, column } from '../../components/columns.ts';
import { Table, type TableProps } from '../../components/Table.tsx';

export interface Setting {
  key: string;
  /** One a column; null where it has no such setting. */
  values: readonly (string | null)[];
  differs: boolean;
  description?: string;
}

interface SettingTableProps extends Pick<TableProps<Setting>, 'title' | 'label' | 'controls' | 'more'> {
  /** What the settings are called by: "Key". */
  head: 'Key' | 'Field';
  names: readonly string[];
  settings: readonly Setting[];
  /** What differs is set bold, where it stands among what does not. */
  stress?: boolean;
  /** Said where there is none. */
  nothing?: string;
}

/** Settings with their values beside each other. */
export function SettingTable({ head, names, settings, stress, nothing, ...table }: SettingTableProps) {
  const columns: Column<Setting>[] = [
    column('key', head, 'text', ({ key }) => key, {
      render: ({ key }) => (head === 'Key' ? <span className="mono">{key}</span> : key),
    }),
    ...names.map((name, at) =>
      column<Setting, 'text'>(`column ${at}`, name, 'text', ({ values }) => values[at] ?? '–', {
        render: (setting) => <Value of={setting} at={at} stress={stress} />,
      }),
    ),
    ...(settings.some(({ description }) => description)
      ? [
          column<Setting, 'text'>('description', 'What it is', 'text', ({ description }) => description, {
            render: ({ description }) => (
              <span className="setting-description muted block">{description}</span>
            ),
          }),
        ]
      : []),
  ];
  return (
    <Table
      {...table}
      columns={columns}
      rows={settings}
      rowKey={({ key }) => key}
      empty={<p className="muted">{nothing}</p>}
    />
  );
}

function Value({
  of: { values, differs },
  at,
  stress,
}: {
  of: Setting;
  at: number;
  stress?: boolean;
}): ReactNode {
  if (values[at] === null) return <span className="muted">–</span>;
  return differs && stress ? <strong className="strong">{values[at]}</strong> : values[at];
}
