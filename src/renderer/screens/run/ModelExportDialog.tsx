import { nameAlone, type OwnRun } from '../../../core/api/runs.ts';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { startWork } from '../../state/long-work.ts';

/** Takes a trained model along, for programs that run it elsewhere. */
export function ModelExportDialog({ run, onClose }: { run: OwnRun; onClose(): void }) {
  return (
    <FolderDialog
      title={`Export ${nameAlone(run)} as ONNX`}
      help="The tested model with its parameters, the ids of its items, what goes in and comes out, and a Python example that recommends with it."
      onWrite={(folder) =>
        startWork('Could not export the model', { of: 'model-export', input: { run: run.id, folder } })
      }
      onClose={onClose}
    />
  );
}
