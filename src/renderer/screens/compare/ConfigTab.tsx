import { type ReactNode, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { type Column, column } from '../../components/columns.ts';
import { CheckField } from '../../components/controls.tsx';
import { Table } from '../../components/Table.tsx';
import { countText } from '../../format/format.ts';

interface Setting {
  key: string;
  values: (string | null)[];
  differs: boolean;
}

/** `stress`: what differs is set bold, where it stands among what does not. */
function settingColumns(title: string, names: readonly string[], stress: boolean): Column<Setting>[] {
  return [
    column('key', title, 'text', ({ key }) => key, {
      render: ({ key }) => (title === 'Key' ? <span className="mono">{key}</span> : key),
    }),
    ...names.map(
      (name, at): Column<Setting> =>
        column(`column ${at}`, name, 'text', ({ values }) => values[at] ?? '–', {
          render: ({ values, differs }) =>
            values[at] === null ? (
              <span className="muted">–</span>
            ) : differs && stress ? (
              <strong className="strong">{values[at]}</strong>
            ) : (
              values[at]
            ),
        }),
    ),
  ];
}

/** The configs beside each other, and the protocols where there are several. */
export function ConfigTab({ view }: { view: ComparisonView }) {
  const [onlyDifferences, setOnlyDifferences] = useState(true);
  const differing = new Set(view.configDifferences.map(({ key }) => key));
  const model = { key: 'model', values: view.rows.map((row) => modelTitle(row.model)) };
  const configs = [model, ...view.configs].map((entry) => ({ ...entry, differs: differing.has(entry.key) }));
  const shared = configs.filter(({ values }) => !onlyDifferences || distinct(values) > 1);
  const own = onlyDifferences ? ownSettings(configs, view.rows) : [];
  const names = view.rows.map(({ name }) => name);
  const protocols = view.protocolFields.map(({ title, values }) => ({
    key: title,
    values,
    differs: new Set(values).size > 1,
  }));
  return (
    <div className="compare-flow">
      <SettingTable
        title="Configs"
        columns={settingColumns('Key', names, !onlyDifferences)}
        settings={shared}
        onlyDifferences={onlyDifferences}
        nothing={own.length > 0 ? 'What differs is below.' : 'The configs are equal, but for their seeds.'}
        control={
          <CheckField label="Only what differs" value={onlyDifferences} onValue={setOnlyDifferences} />
        }
      />
      {own.map(({ title, rows, settings }) => (
        <details key={title} className="compare-section">
          <summary>{title}</summary>
          <Table
            label={title}
            columns={settingColumns('Key', names, false).filter((_, at) => at === 0 || rows.includes(at - 1))}
            rows={settings}
            rowKey={({ key }) => key}
          />
        </details>
      ))}
      <SettingTable
        title={view.protocols.length > 1 ? 'Protocols' : 'Protocol'}
        columns={settingColumns('Field', protocolNames(view), !onlyDifferences)}
        settings={protocols}
        onlyDifferences={onlyDifferences && view.protocols.length > 1}
        nothing={protocols.length === 0 ? 'Not stated by these runs.' : 'The protocols are equal.'}
      />
    </div>
  );
}

const distinct = (values: Setting['values']) => new Set(values.filter((value) => value !== null)).size;

interface OwnSettings {
  title: string;
  /** Indexes of those that have them. */
  rows: number[];
  settings: Setting[];
}

/** Settings that some rows alone have, and in which those do not differ, by who has them. */
function ownSettings(settings: readonly Setting[], rows: ComparisonView['rows']): OwnSettings[] {
  const own = settings.filter(({ differs, values }) => differs && distinct(values) === 1);
  const owners = (values: Setting['values']) => [...values.keys()].filter((at) => values[at] !== null);
  const groups = Map.groupBy(own, ({ values }) => owners(values).join());
  const widest = [...groups.values()].sort((a, b) => owners(b[0].values).length - owners(a[0].values).length);
  return widest.map((members) => {
    const who = owners(members[0].values);
    const names = who.map((at) => rows[at].name).join(', ');
    const count = countText(members.length, 'setting');
    return { title: `Only ${names}: ${count}`, rows: who, settings: members };
  });
}

function protocolNames({ protocols, rows }: ComparisonView): string[] {
  if (protocols.length === 1) return ['All runs'];
  return protocols.map(
    ({ label, rows: members }) => `${label}: ${members.map((row) => rows[row].name).join(', ')}`,
  );
}

interface SettingTableProps {
  title: string;
  columns: Column<Setting>[];
  settings: Setting[];
  onlyDifferences: boolean;
  /** Said where nothing differs. */
  nothing: string;
  control?: ReactNode;
}

function SettingTable({ title, columns, settings, onlyDifferences, nothing, control }: SettingTableProps) {
  const shown = onlyDifferences ? settings.filter(({ differs }) => differs) : settings;
  return (
    <section className="compare-section">
      <Table
        title={title}
        controls={control}
        columns={columns}
        rows={shown}
        rowKey={({ key }) => key}
        empty={<p className="muted">{nothing}</p>}
      />
    </section>
  );
}
