import { useState } from 'react';
import {
  type DatasetSummary,
  EXPORT_FORMATS,
  type ExportFormat,
  HELD_OUT,
} from '../../../core/api/datasets.ts';
import { SelectField } from '../../components/controls.tsx';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { startWork } from '../../state/long-work.ts';

const FORMATS: Record<ExportFormat, string> = {
  csv: 'CSV',
  parquet: 'Parquet',
  recbole: 'RecBole',
  sequences: 'Sequences',
};
/** Takes the split of a data set along, for programs that train elsewhere. */
export function ExportDialog({ dataset, onClose }: { dataset: DatasetSummary; onClose(): void }) {
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
