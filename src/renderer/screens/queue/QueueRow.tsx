import { Cpu, Plug, Server } from 'lucide-react';
import type { HTMLAttributes, ReactNode } from 'react';
import { endText, isRough, type RunTime, spanText } from '../../../core/api/clock.ts';
import type { PlaceState } from '../../../core/api/queue.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { RunName } from '../../runs/RunName.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';

interface QueueRowProps {
  run: RunRecord;
  /** Where it stands on another machine. */
  at?: PlaceState | null;
  /** Its place and how to move it. */
  place?: ReactNode;
  /** How far it is, or why it stopped. */
  progress: ReactNode;
  time?: RunTime;
  /** Default: as its time says. */
  ends?: string;
  /** Unix milliseconds. */
  now: number;
  actions: ReactNode;
  /** In one line: of a run that waits. */
  low?: boolean;
  /** For a row that can be dragged. */
  drag?: HTMLAttributes<HTMLLIElement> & { 'data-over'?: boolean };
}

/** One grid for all groups: a run, how far it is, where it trains, when it ends, what can be done. */
export function QueueRow(props: QueueRowProps) {
  const { run, at, place, progress, time, ends, now, actions, low, drag } = props;
  const where = whereOf(run);
  const job = at?.job && (at.node ? `${at.job} · ${at.node}` : `job ${at.job}`);
  const left = time?.left ?? null;
  return (
    <li
      className="queue-row grid middle line-below"
      data-low={low || undefined}
      draggable={drag !== undefined}
      {...drag}
    >
      <span className="queue-place muted row gap-tile">{place}</span>
      <span className="queue-run">
        <a className="row-link flex middle" href={routeLink('run', [run.id])} draggable={false}>
          <RunTile model={run.model} />
          <span className="clip">
            <RunName run={run} />
          </span>
        </a>
        {!low && run.dataset && <small className="clip">{run.dataset.name}</small>}
      </span>
      <span className="queue-progress">{progress}</span>
      <span
        className="queue-where row gap-sign"
        title={[where.text, job, where.tip].filter(Boolean).join(', ')}
      >
        <Icon of={where.icon} />
        <span className="shrinks">
          <span className="queue-host breaks">{where.text}</span>
          {job && <small className="clip">{job}</small>}
        </span>
      </span>
      <span
        className="queue-time text-end"
        title={left && isRough(left) ? 'rough: no run alike is known' : undefined}
      >
        {time && spanText(left)}
        {left && isRough(left) && <small>rough</small>}
      </span>
      <span className="queue-time text-end">{ends ?? endText(time?.ends ?? null, now)}</span>
      <span className="queue-actions row gap-1 end">{actions}</span>
    </li>
  );
}

function whereOf(run: RunRecord) {
  if (run.kind !== 'own') return { icon: Plug, text: run.program, tip: 'trained by another program' };
  const device = run.device ?? run.requestedDevice;
  const tip = device === 'auto' ? 'on the fastest device' : `on ${device}`;
  return { icon: run.place === null ? Cpu : Server, text: run.place ?? 'This machine', tip };
}
