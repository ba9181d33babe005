import { type DragEvent, type KeyboardEvent, useState } from 'react';
import type { QueueState, WaitingRun } from '../../../core/api/queue.ts';
import { Button } from '../../components/Button.tsx';
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
    const order = others.toSpliced(Math.max(0, Math.min(others.length, to)), 0, moved);
    void reorder(order);
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
                <MoveButtons
                  name={run.name}
                  at={at}
                  last={waiting.length - 1}
                  onMove={(to) => move(run.id, to)}
                />
                <QueueButtons run={run} waiting held={held} named />
              </>
            }
          >
            {held ? 'held' : run.requestedDevice}
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
  const kept = await attempt('The order could not be changed', () =>
    client.queue.reorder({ runs: order.map(({ run }) => run.id) }),
  );
  if (!kept) void queryClient.invalidateQueries({ queryKey: key });
}

interface MoveButtonsProps {
  name: string;
  at: number;
  last: number;
  onMove(to: number): void;
}

function MoveButtons({ name, at, last, onMove }: MoveButtonsProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
    if (!event.altKey || to === undefined) return;
    event.preventDefault();
    onMove(to);
  };
  return (
    <span className="queue-move">
      <Button
        kind="quiet"
        aria-label={`Move ${name} up`}
        disabled={at === 0}
        onClick={() => onMove(at - 1)}
        onKeyDown={onKeyDown}
      >
        ↑
      </Button>
      <Button
        kind="quiet"
        aria-label={`Move ${name} down`}
        disabled={at === last}
        onClick={() => onMove(at + 1)}
        onKeyDown={onKeyDown}
      >
        ↓
      </Button>
    </span>
  );
}
