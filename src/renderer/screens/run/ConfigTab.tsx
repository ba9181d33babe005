import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column } from '../../components/columns.ts';
import { CheckField, SearchField, Select } from '../../components/controls.tsx';
import { copyText } from '../../components/copy.ts';
import { schemaFields } from '../../components/schema.ts';
import { Table } from '../../components/Table.tsx';
import { trainCommands } from '../../new-run/train-command.ts';
import { api } from '../../state/api.ts';
import { type ConfigRow, configRows, nearestReference, referencesOf } from './config-rows.ts';

/** Every key of the config, and which differ from the defaults or a preset. */
export function ConfigTab({ run }: { run: RunRecord }) {
  const models = useQuery(api.models.list.queryOptions());
  const [search, setSearch] = useState('');
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const model = models.data?.find(({ id }) => id === run.model);
  const references = useMemo(() => (model ? referencesOf(model) : []), [model]);
  const descriptions = useMemo(
    () =>
      new Map(
        model ? schemaFields(model.configSchema).map(({ key, description }) => [key, description ?? '']) : [],
      ),
    [model],
  );
  const nearest = useMemo(() => nearestReference(run.config, references), [run.config, references]);
  const reference = references.find(({ id }) => id === chosen) ?? nearest;
  const all = configRows(run.config, reference, descriptions);
  const text = search.trim().toLowerCase();
  const rows = all.filter(
    (row) =>
      (!onlyDifferent || row.differs) &&
      `${row.key} ${row.value} ${row.description}`.toLowerCase().includes(text),
  );
  const columns = configColumns(reference?.label ?? 'Defaults');
  return (
    <div className="screen">
      <div className="toolbar">
        <SearchField
          label="Search the config"
          placeholder="Search keys and values"
          value={search}
          onValue={setSearch}
        />
        {reference && (
          <Select
            aria-label="Compare with"
            value={reference.id}
            choices={references.map(({ id, label }) => ({ value: id, label }))}
            onValue={setChosen}
          />
        )}
        <CheckField
          label={`Only what differs (${all.filter(({ differs }) => differs).length})`}
          value={onlyDifferent}
          disabled={!reference}
          onValue={setOnlyDifferent}
        />
        <span className="push">
          <CopyConfig run={run} columns={columns} rows={rows} />
        </span>
      </div>
      <div className="run-page">
        {rows.length === 0 ? (
          <p className="muted">
            {text === ''
              ? `Nothing differs from ${reference?.label.toLowerCase()}.`
              : 'No key has these words.'}
          </p>
        ) : (
          <Table label="Config" columns={columns} rows={rows} rowKey={({ key }) => key} />
        )}
      </div>
    </div>
  );
}

interface CopyConfigProps {
  run: RunRecord;
  columns: Column<ConfigRow>[];
  rows: ConfigRow[];
}

function CopyConfig({ run, columns, rows }: CopyConfigProps) {
  const system = useQuery(api.settings.system.queryOptions());
  const command = () =>
    trainCommands(system.data?.commandLine ?? 'tessera', {
      model: run.model,
      overrides: run.config,
      dataset: run.dataset.name,
      seeds: [run.seed],
      device: run.requestedDevice,
      threads: run.threads,
    });
  return (
    <CopyMenu
      framed
      what="config"
      columns={columns}
      rows={() => rows}
      more={[
        {
          label: 'Copy as JSON',
          perform: () => copyText(JSON.stringify(run.config, null, 2), 'Copied the config as JSON'),
        },
        {
          label: 'Copy the command that trains it again',
          perform: () => copyText(command(), 'Copied the command'),
        },
      ]}
    />
  );
}

function configColumns(reference: string): Column<ConfigRow>[] {
  return [
    column('key', 'Key', 'text', ({ key }) => key, {
      render: ({ key }) => <span className="mono">{key}</span>,
    }),
    column('value', 'Value', 'text', ({ value }) => value, {
      render: ({ value, differs }) => <span className={differs ? 'config-differs' : undefined}>{value}</span>,
    }),
    column('reference', reference, 'text', ({ reference: other }) => other ?? '–', {
      render: ({ reference: other, differs }) => differs && <span className="muted">{other ?? '–'}</span>,
    }),
    column('description', 'What it is', 'text', ({ description }) => description, {
      render: ({ description }) => <span className="config-description muted">{description}</span>,
    }),
  ];
}
