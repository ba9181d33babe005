import { useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { CheckField } from '../../components/controls.tsx';
import { countText } from '../../format/format.ts';
import { type Setting, SettingTable } from '../../runs/comparison/SettingTable.tsx';

/** The configs beside each other, and the protocols where there are several. */
export function ConfigTab({ view }: { view: ComparisonView }) {
  const [onlyDifferences, setOnlyDifferences] = useState(true);
  const differing = new Set(view.configDifferences.map(({ key }) => key));
  const model = { key: 'model', values: view.rows.map((row) => modelTitle(row.model)) };
  const configs = [model, ...view.configs].map((entry) => ({ ...entry, differs: differing.has(entry.key) }));
  const own = onlyDifferences ? ownSettings(configs, view.rows) : [];
  const names = view.rows.map(({ name }) => name);
  const isOne = view.protocols.length === 1;
  const fields = view.protocolFields.map(({ title, values }) => ({
    key: title,
    values,
    differs: new Set(values).size > 1,
  }));
  return (
    <div className="flow">
      <SettingTable
        title="Configs"
        head="Key"
        names={names}
        settings={configs.filter(
          ({ differs, values }) => !onlyDifferences || (differs && distinct(values) > 1),
        )}
        stress={!onlyDifferences}
        nothing={own.length > 0 ? 'Differences are listed below.' : 'Configs are identical apart from seeds.'}
        controls={
          <CheckField label="Only what differs" value={onlyDifferences} onValue={setOnlyDifferences} />
        }
      />
      {own.map(({ title, rows, settings }) => (
        <details key={title}>
          <summary>{title}</summary>
          <SettingTable label={title} head="Key" names={rows.map((at) => names[at])} settings={settings} />
        </details>
      ))}
      <SettingTable
        title={isOne ? 'Protocol' : 'Protocols'}
        head="Field"
        names={isOne ? ['All runs'] : protocolNames(view)}
        settings={fields.filter(({ differs }) => differs || isOne || !onlyDifferences)}
        stress={!onlyDifferences}
        nothing={
          fields.length === 0 ? 'No protocol was recorded for these runs.' : 'The protocols are identical.'
        }
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
    const title = `Only ${names}: ${countText(members.length, 'setting')}`;
    const values = (of: Setting) => who.map((at) => of.values[at]);
    return { title, rows: who, settings: members.map((one) => ({ ...one, values: values(one) })) };
  });
}

function protocolNames({ protocols, rows }: ComparisonView): string[] {
  return protocols.map(
    ({ label, rows: members }) => `${label}: ${members.map((row) => rows[row].name).join(', ')}`,
  );
}
