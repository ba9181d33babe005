import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type DatasetSummary,
  EXPORT_FORMATS,
  type ExportFormat,
  HELD_OUT,
} from '../../../core/api/datasets.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton } from '../../components/Button.tsx';
import { SelectField } from '../../components/controls.tsx';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { Answer, EmptyState, Screen } from '../../components/Screen.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { newRunAction } from '../../new-run/new-run.ts';
import { measureAction } from '../../results/result-import.ts';
import { deleteDataset } from '../../runs/deletion.tsx';
import { StarterButton } from '../../runs/StarterButton.tsx';
import { starterAction } from '../../runs/starter-models.ts';
import { api, errorDetails } from '../../state/api.ts';
import { startWork } from '../../state/long-work.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { DatasetOverview } from './DatasetOverview.tsx';
import { ItemsTable } from './ItemsTable.tsx';

/** One data set: its statistics, its items. */
export function DatasetPage({ dataset, view }: { dataset: string; view: string }) {
  const details = useQuery(api.datasets.show.queryOptions({ input: { dataset } }));
  const { data, error } = details;
  const name = data?.summary.name;
  const create = newRunAction({ dataset: name });
  const deletion: Action = {
    id: 'datasets.delete',
    label: 'Delete this data set',
    short: 'Delete',
    group: 'Edit',
    shortcut: 'Delete',
    perform: () =>
      void deleteDataset(dataset, name ?? dataset).then((deleted) => deleted && goTo('datasets')),
  };
  const [exporting, setExporting] = useState(false);
  const exporter: Action = {
    id: 'datasets.export',
    label: 'Export the split of this data set',
    short: 'Export',
    group: 'File',
    perform: () => setExporting(true),
  };
  const starter = data && !data.summary.clicks ? starterAction(data.summary) : null;
  const others = starter ? [starter, exporter, measureAction(dataset)] : [];
  useRegisteredActions([create, deletion, ...others]);
  return (
    <Screen
      title={name ?? 'Data set'}
      up={{ label: 'Data sets', href: routeLink('datasets') }}
      actions={
        data && (
          <>
            <ActionButton kind="danger" action={deletion} />
            {starter && <ActionButton action={exporter} />}
            <ActionButton kind={starter ? 'normal' : 'primary'} action={create} />
            {starter && <StarterButton dataset={data.summary} />}
          </>
        )
      }
    >
      {exporting && data && <ExportDialog dataset={data.summary} onClose={() => setExporting(false)} />}
      {error && errorDetails(error).code === 'unknown-dataset' ? (
        <EmptyState
          title="There is no such data set"
          text="It may have been deleted. The runs that were trained on it stay."
        />
      ) : (
        <Answer query={details}>
          {(of) => (
            <Tabs
              label={`Views of ${name}`}
              current={view}
              onChange={(id) => goTo('datasets', id === 'overview' ? [dataset] : [dataset, id])}
              tabs={[
                { id: 'overview', title: 'Overview', content: <DatasetOverview details={of} /> },
                ...(of.summary.clicks
                  ? []
                  : [{ id: 'items', title: 'Items', content: <ItemsTable dataset={of.summary} /> }]),
              ]}
            />
          )}
        </Answer>
      )}
    </Screen>
  );
}

const FORMATS: Record<ExportFormat, string> = {
  csv: 'CSV',
  parquet: 'Parquet',
  recbole: 'RecBole',
  sequences: 'Sequences',
};
/** Takes the split of a data set along, for programs that train elsewhere. */
function ExportDialog({ dataset, onClose }: { dataset: DatasetSummary; onClose(): void }) {
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [split, setSplit] = useState<(typeof HELD_OUT)[number]['value']>('leave-last-out');
  return (
    <FolderDialog
      title={`Export ${dataset.name}`}
      help="Training, validation, test and items for a program that trains elsewhere. Its results are imported with the manifest beside them."
      onWrite={(folder) =>
        startWork('Could not export the data set', {
          of: 'dataset-export',
          input: { dataset: dataset.id, folder, format, split },
        })
      }
      onClose={onClose}
    >
      <SelectField
        label="Held out"
        value={split}
        choices={HELD_OUT.filter(({ needsTimes }) => !needsTimes || dataset.statistics.timeSpan !== null)}
        onValue={setSplit}
      />
      <SelectField
        label="Files"
        value={format}
        choices={EXPORT_FORMATS.map((value) => ({ value, label: FORMATS[value] }))}
        onValue={setFormat}
      />
    </FolderDialog>
  );
}
