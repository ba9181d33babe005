import { useState } from 'react';
import { type DatasetSummary, EXPORT_FORMATS, type ExportFormat } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { SelectField, TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { grouped } from '../../format/format.ts';
import { shell } from '../../shell/window-shell.ts';
import { client } from '../../state/api.ts';
import { resultOf } from '../../state/steps.ts';
import { notify } from '../../state/toasts.ts';

const FORMATS: Record<ExportFormat, string> = {
  csv: 'CSV',
  parquet: 'Parquet',
  recbole: 'RecBole',
  sequences: 'Sequences',
};
const SPLITS = [
  { value: 'leave-last-out', label: 'Last interaction of each user' },
  { value: 'time', label: 'Everything after a cut in time' },
] as const;

/** Takes the split of a data set along, for programs that train elsewhere. */
export function ExportDialog({ dataset, onClose }: { dataset: DatasetSummary; onClose(): void }) {
  const [folder, setFolder] = useState('');
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [split, setSplit] = useState<(typeof SPLITS)[number]['value']>('leave-last-out');
  const [progress, setProgress] = useState<string | null>(null);
  const [abort] = useState(() => new AbortController());
  const choose = async () => {
    const chosen = await shell.chooseFolder?.();
    if (chosen) setFolder(chosen);
  };
  const write = async () => {
    const request = { dataset: dataset.id, folder: folder.trim(), format, split };
    const steps = await client.datasets.export(request, { signal: abort.signal });
    const { folder: written, counts } = await resultOf(steps, ({ file, fraction }) =>
      setProgress(`Writing ${file}, ${Math.floor(100 * fraction)} %`),
    );
    const text = `${grouped(counts.testUsers)} users to test. ${written}`;
    notify({ level: 'info', title: `Exported ${dataset.name}`, text });
  };
  return (
    <FormDialog
      title={`Export ${dataset.name}`}
      width={520}
      submit="Export"
      failure="Could not export the data set"
      onSubmit={write}
      onClose={onClose}
    >
      <p className="field-help">
        Training, validation, test and items for a program that trains elsewhere. Its results are imported
        with the manifest beside them.{!shell.chooseFolder && ' They go to exports in the data folder.'}
      </p>
      <SelectField
        label="Held out"
        value={split}
        choices={SPLITS.filter(({ value }) => value !== 'time' || dataset.statistics.timeSpan !== null)}
        onValue={setSplit}
      />
      <SelectField
        label="Files"
        value={format}
        choices={EXPORT_FORMATS.map((value) => ({ value, label: FORMATS[value] }))}
        onValue={setFormat}
      />
      {shell.chooseFolder && (
        <div className="settings-folder flex gap-3">
          <TextField
            label="Folder"
            help="New or empty. Without one: exports in the data folder."
            value={folder}
            onValue={setFolder}
          />
          <Button onClick={() => void choose()}>Choose</Button>
        </div>
      )}
      {progress !== null && (
        <p className="muted" role="status">
          {progress} <Button onClick={() => abort.abort()}>Stop</Button>
        </p>
      )}
    </FormDialog>
  );
}
