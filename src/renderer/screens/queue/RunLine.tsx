import type { ReactNode } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { routeLink } from '../../state/navigation.ts';

interface RunLineProps {
  run: RunRecord;
  /** How it stands. */
  children: ReactNode;
  actions: ReactNode;
}

/** A run in one of the lists: its name, what it is, how it stands, what can be done. */
export function RunLine({ run, children, actions }: RunLineProps) {
  return (
    <div className="queue-line">
      <a className="queue-name clip" href={routeLink('run', [run.id])} draggable={false}>
        {run.name}
      </a>
      <span className="muted queue-what clip">
        {run.model} on {run.dataset.name}, seed {run.seed}
      </span>
      <span className="queue-state">{children}</span>
      <span className="queue-actions">{actions}</span>
    </div>
  );
}
