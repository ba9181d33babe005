import { type DragEvent, useState } from 'react';
import type { Clock, ExpectedTime } from '../../../core/api/clock.ts';
import { pausedText } from '../../../core/api/machines.ts';
import type { QueueState, WaitingRun } from '../../../core/api/queue.ts';
import { MoveButtons, MoveGrip } from '../../components/MoveButtons.tsx';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { WaitingProgress } from '../../runs/QueueProgress.tsx';
import { useNames } from '../../runs/RunName.tsx';
import { api, queryClient } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { QueueRow } from './QueueRow.tsx';
import { LOW_ROW, RowsInSight } from './RowsInSight.tsx';

const DRAGGED = 'application/x-tessera-run';

interface WaitingRowsProps {
  queue: QueueState;
  waiting: readonly WaitingRun[];
  /** With the paused ones, and those of other places, among them. */
  order: readonly WaitingRun[];
  clock: Clock | undefined;
  expected: Record<string, ExpectedTime | null>;
  now: number;
}

/** In the order in which they start: dragged, or moved with Alt and an arrow key. */
export function WaitingRows({ queue, waiting, order, clock, expected, now }: WaitingRowsProps) {
  const [over, setOver] = useState<string | null>(null);
  const nameOf = useNames();
  const move = (run: string, to: number) => {
    const others = order.filter((entry) => entry.run.id !== run);
    const moved = order.find((entry) => entry.run.id === run);
    if (moved) void reorder(others.toSpliced(order.indexOf(waiting[to]), 0, moved));
  };
  const dragOf = (id: string, at: number) => ({
    'data-over': over === id || undefined,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(DRAGGED, id);
      event.dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      setOver(id);
    },
    onDragLeave: () => setOver(null),
    onDrop: (event: DragEvent) => {
      setOver(null);
      const run = event.dataTransfer.getData(DRAGGED);
      if (run !== '') move(run, at);
    },
  });
  const last = waiting.length - 1;
  return (
    <RowsInSight count={waiting.length} height={LOW_ROW} keyOf={(at) => waiting[at].run.id}>
      {(at) => {
        const { run } = waiting[at];
        const alike = expected[run.id]?.epochs ?? null;
        return (
          <QueueRow
            key={run.id}
            run={run}
            place={
              <>
                <MoveGrip name={nameOf(run)} at={at} last={last} onMove={(to) => move(run.id, to)} />
                {at + 1}
              </>
            }
            progress={
              <WaitingProgress
                run={run}
                alike={alike}
                reached={queue.reached[run.id]}
                why={pausedText(queue, run.place)}
              />
            }
            time={clock?.runs[run.id]}
            now={now}
            drag={dragOf(run.id, at)}
            actions={
              <>
                <MoveButtons name={nameOf(run)} at={at} last={last} onMove={(to) => move(run.id, to)} />
                <QueueButtons run={run} waiting named />
              </>
            }
            low
          />
        );
      }}
    </RowsInSight>
  );
}

/** Shows the new order at once; main has the last word. */
async function reorder(order: readonly WaitingRun[]): Promise<void> {
  const key = api.queue.show.queryKey();
  queryClient.setQueryData<QueueState>(key, (state) => state && { ...state, waiting: [...order] });
  const done = await change('Could not change the order', { label: 'order of the queue' }, [
    { of: 'order', to: order.map(({ run }) => run.id) },
  ]);
  if (!done) void queryClient.invalidateQueries({ queryKey: key });
}
