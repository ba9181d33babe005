import { type DragEvent, useState } from 'react';
import type { QueueState, WaitingRun } from '../../../core/api/queue.ts';
import { MoveButtons } from '../../components/MoveButtons.tsx';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { api, client, queryClient } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { RunLine } from './RunLine.tsx';

const DRAGGED = 'application/x-tessera-run';

/** The runs in the order in which they start: dragged, or moved with Alt and an arrow key. */
export function WaitingRuns({ waiting }: { waiting: readonly WaitingRun[] }) {
  const [over, setOver] = useState<string | null>(null);
  const move = (run: string, to: number) => {
    const others = waiting.filter((entry) => entry.run.id !== run);
    const moved = waiting.find((entry) => entry.run.id === run);
    if (!moved) return;
    void reorder(others.toSpliced(to, 0, moved));
  };
  const onDrop = (event: DragEvent, at: number) => {
    setOver(null);
    const run = event.dataTransfer.getData(DRAGGED);
    if (run !== '') move(run, at);
  };
  return (
    <ol className="queue-waiting" aria-label="Waiting runs">
      {waiting.map(({ run, held }, at) => (
        <li
          key={run.id}
          draggable
          data-over={over === run.id || undefined}
          data-held={held || undefined}
          onDragStart={(event) => {
            event.dataTransfer.setData(DRAGGED, run.id);
            event.dataTransfer.effectAllowed = 'move';
          }}
          onDragOver={(event) => {
            if (!event.dataTransfer.types.includes(DRAGGED)) return;
            event.preventDefault();
            setOver(run.id);
          }}
          onDragLeave={() => setOver(null)}
          onDrop={(event) => onDrop(event, at)}
        >
          <RunLine
            run={run}
            actions={
              <>
                <span className="queue-move">
                  <MoveButtons
                    name={run.name}
                    at={at}
                    last={waiting.length - 1}
                    onMove={(to) => move(run.id, to)}
                  />
                </span>
                <QueueButtons run={run} waiting held={held} named />
              </>
            }
          >
            {held ? 'paused' : run.requestedDevice}
          </RunLine>
        </li>
      ))}
    </ol>
  );
}

/** Shows the new order at once; main has the last word. */
async function reorder(order: readonly WaitingRun[]): Promise<void> {
  const key = api.queue.show.queryKey();
  queryClient.setQueryData<QueueState>(key, (state) => state && { ...state, waiting: [...order] });
  const done = await attempt('The order could not be changed', () =>
    client.queue.reorder({ runs: order.map(({ run }) => run.id) }),
  );
  if (!done) void queryClient.invalidateQueries({ queryKey: key });
}
