import { Cpu, Plug, Server } from 'lucide-react';
import type { HTMLAttributes, ReactNode } from 'react';
import { endText, type RunTime, spanText } from '../../../core/api/clock.ts';
import type { PlaceState } from '../../../core/api/queue.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { runContext } from '../../runs/run-words.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';

const ENDS_MS = 15_000;

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
  actions: ReactNode;
  /** For a row that can be dragged. */
  drag?: HTMLAttributes<HTMLLIElement> & { 'data-over'?: boolean };
}

/** One grid for all groups: a run, how far it is, where it trains, when it ends, what can be done. */
export function QueueRow({ run, at, place, progress, time, ends, actions, drag }: QueueRowProps) {
  const where = whereOf(run);
  const now = useNow(ENDS_MS);
  const job = at?.job && (at.node ? `${at.job} · ${at.node}` : `job ${at.job}`);
  return (
    <li className="queue-row line-below" draggable={drag !== undefined} {...drag}>
      <span className="muted text-end">{place}</span>
      <span className="queue-run">
        <a
          className="row-link"
          href={routeLink('run', [run.id])}
          title={run.name}
          aria-label={run.name}
          draggable={false}
        >
          <RunTile model={run.model} />
          <span className="clip">{run.name}</span>
        </a>
        <small className="clip">{runContext(run)}</small>
      </span>
      <span className="queue-progress">{progress}</span>
      <span className="queue-where" title={[where.text, job, where.tip].filter(Boolean).join(', ')}>
        <Icon of={where.icon} />
        <span className="shrinks">
          <span className="queue-host">{where.text}</span>
          {job && <small className="clip">{job}</small>}
        </span>
      </span>
      <span className="text-end">{spanText(time?.left ?? null)}</span>
      <span className="text-end">{ends ?? endText(time?.ends ?? null, now)}</span>
      <span className="queue-actions row gap-1">{actions}</span>
    </li>
  );
}

function whereOf(run: RunRecord) {
  if (run.kind !== 'own') return { icon: Plug, text: run.program, tip: 'trained by another program' };
  const device = run.device ?? run.requestedDevice;
  const tip = device === 'auto' ? 'on the fastest device' : `on ${device}`;
  return { icon: run.place === null ? Cpu : Server, text: run.place ?? 'This machine', tip };
}
