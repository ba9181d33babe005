import type { OwnRun } from '../../../core/api/runs.ts';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { client } from '../../state/api.ts';
import { resultOf } from '../../state/steps.ts';
import { notify } from '../../state/toasts.ts';

/** Takes a trained model along, for programs that run it elsewhere. */
export function ModelExportDialog({ run, onClose }: { run: OwnRun; onClose(): void }) {
  return (
    <FolderDialog
      title={`Export ${run.name} as ONNX`}
      help="The tested model with its parameters, the ids of its items, what goes in and comes out, and a Python example that recommends with it."
      failure="Could not export the model"
      onWrite={async (folder, { signal, onProgress }) => {
        const steps = await client.runs.exportModel({ run: run.id, folder }, { signal });
        const { folder: written, files } = await resultOf(steps, ({ doing }) => onProgress(doing));
        notify({ level: 'info', title: `Exported ${run.name}`, text: `${files.join(', ')}. ${written}` });
      }}
      onClose={onClose}
    />
  );
}
