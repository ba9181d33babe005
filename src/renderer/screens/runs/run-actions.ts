import { useCallback, useMemo, useRef } from 'react';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { client } from '../../state/api.ts';
import { attempt, notify } from '../../state/toasts.ts';

/** What can be done with the selected runs, for the buttons and the palette. */
export function useRunActions(runs: readonly string[], onDeleted: () => void) {
  const current = useRef({ runs, onDeleted });
  current.current = { runs, onDeleted };
  const deleteRuns = useCallback(
    () => void deleteWithUndo(current.current.runs, current.current.onDeleted),
    [],
  );
  const star = useCallback(
    () =>
      void attempt('The runs could not be starred', () =>
        client.runs.annotate({ runs: [...current.current.runs], changes: { starred: true } }),
      ),
    [],
  );
  const actions = useMemo((): Action[] => {
    const enabled = () => current.current.runs.length > 0;
    return [
      {
        id: 'runs.star',
        label: 'Star the selected runs',
        group: 'Run',
        shortcut: 's',
        enabled,
        perform: star,
      },
      {
        id: 'runs.delete',
        label: 'Delete the selected runs',
        group: 'Run',
        shortcut: 'Delete',
        enabled,
        perform: deleteRuns,
      },
    ];
  }, [deleteRuns, star]);
  useRegisteredActions(actions);
  return { deleteRuns, star };
}

async function deleteWithUndo(runs: readonly string[], onDeleted: () => void): Promise<void> {
  const deleted = [...runs];
  await attempt('The runs could not be deleted', async () => {
    const { undoMs } = await client.runs.delete({ runs: deleted });
    onDeleted();
    notify({
      level: 'info',
      title: `Deleted ${deleted.length} run${deleted.length === 1 ? '' : 's'}`,
      ms: undoMs,
      action: {
        label: 'Undo',
        perform: () =>
          void attempt('The runs could not be brought back', () => client.runs.restore({ runs: deleted })),
      },
    });
  });
}
