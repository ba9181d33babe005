import { useQuery } from '@tanstack/react-query';
import { phaseOf } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StatusMark } from '../../runs/RunStatus.tsx';
import { api, client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { offerRestore } from '../../state/trash.ts';

export interface DeleteDatasetDialogProps {
  dataset: string;
  onClose(): void;
  onDeleted?(): void;
}

/** Says which runs would lose the data set before it goes to the trash. */
export function DeleteDatasetDialog({ dataset, onClose, onDeleted }: DeleteDatasetDialogProps) {
  const { data, error } = useQuery(api.datasets.show.queryOptions({ input: { dataset } }));
  const runs = data?.runs ?? [];
  const name = data?.summary.name ?? '';
  const busy = runs.filter(({ status }) => phaseOf(status) !== 'ended').length;
  const deleteDataset = async () => {
    const deleted = await attempt('The data set could not be deleted', async () => {
      const { undoMs } = await client.datasets.delete({ dataset, force: true });
      offerRestore(`Deleted ${name}`, [{ kind: 'dataset', id: dataset }], undoMs);
    });
    onClose();
    if (deleted) onDeleted?.();
  };
  return (
    <Dialog
      title={`Delete ${name}`}
      onClose={onClose}
      cancel="Cancel"
      foot={
        <Button kind="danger" disabled={!data} onClick={() => void deleteDataset()}>
          Delete the data set
        </Button>
      }
    >
      {error && <Problem error={error} />}
      {data && runs.length === 0 && <p>No run was trained on it. The imported files themselves stay.</p>}
      {runs.length > 0 && (
        <>
          <p>
            {runs.length === 1 ? 'One run was' : `${runs.length} runs were`} trained on it. Their results and
            comparisons stay; they can no longer be resumed, evaluated again or asked for recommendations.
          </p>
          {busy > 0 && (
            <p className="field-problem">
              {busy === 1 ? 'One of them has' : `${busy} of them have`} not ended: what trains goes on, and
              what is queued waits until the data set is restored.
            </p>
          )}
          <ul className="losing-runs" aria-label="Runs that lose their data set">
            {runs.map(({ id, name: run, status }) => (
              <li key={id}>
                <span>{run}</span>
                <StatusMark status={status} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
