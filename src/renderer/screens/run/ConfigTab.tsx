import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { OwnRun, RunRecord } from '../../../core/api/runs.ts';
import { trainCommands } from '../../../core/api/studies.ts';
import { CheckField, SearchField } from '../../components/controls.tsx';
import { copyText } from '../../components/copy.ts';
import { Missing } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { SettingTable } from '../../runs/comparison/SettingTable.tsx';
import { api } from '../../state/api.ts';
import { nearestReference, referencesOf, settingsBeside } from './config-rows.ts';

/** Every key of the config, and which differ from the defaults or a preset. */
export function ConfigTab({ run, config }: { run: RunRecord; config: OwnRun['config'] }) {
  const models = useQuery(api.models.list.queryOptions());
  const { data: system } = useQuery(api.settings.system.queryOptions());
  const [search, setSearch] = useState('');
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const model = run.kind === 'own' ? models.data?.find(({ id }) => id === run.model) : undefined;
  const references = useMemo(() => (model ? referencesOf(model) : []), [model]);
  const nearest = useMemo(() => nearestReference(config, references), [config, references]);
  if (!models.data) return <Missing query={models} />;
  const reference = references.find(({ id }) => id === chosen) ?? nearest;
  const all = settingsBeside(config, reference, model?.configSchema);
  const differing = all.filter(({ differs }) => differs).length;
  const text = search.trim().toLowerCase();
  const shown = all.filter(
    ({ key, values, description, differs }) =>
      (!onlyDifferent || differs) && `${key} ${values[0]} ${description}`.toLowerCase().includes(text),
  );
  const command = ({ model, dataset, seed, requestedDevice: device, place, job, threads }: OwnRun) =>
    trainCommands(system ?? { commandLine: 'tessera', platform: '' }, {
      ...{ model, overrides: config, dataset: dataset.name, seeds: [seed], device, threads },
      ...{ on: place ?? undefined, job: job ?? undefined },
    });
  return (
    <div className="flow">
      <SettingTable
        title="Config"
        head="Key"
        names={['Value', ...(reference ? [reference.label] : [])]}
        settings={shown}
        stress
        nothing={
          text === '' ? `Nothing differs from ${reference?.label.toLowerCase()}.` : 'No key has these words.'
        }
        controls={
          <>
            <SearchField
              label="Search the config"
              placeholder="Search keys and values"
              value={search}
              onValue={setSearch}
            />
            {reference && (
              <>
                <Select
                  aria-label="Compare with"
                  value={reference.id}
                  choices={references.map(({ id, label }) => ({ value: id, label }))}
                  onValue={setChosen}
                />
                <CheckField
                  label={`Only what differs (${differing})`}
                  value={onlyDifferent}
                  onValue={setOnlyDifferent}
                />
              </>
            )}
          </>
        }
        more={[
          {
            label: 'Copy as JSON',
            perform: () => copyText(JSON.stringify(config, null, 2), 'Copied the config as JSON'),
          },
          ...(run.kind === 'own'
            ? [
                {
                  label: 'Copy the command that trains it again',
                  perform: () => copyText(command(run), 'Copied the command'),
                },
              ]
            : []),
        ]}
      />
    </div>
  );
}
