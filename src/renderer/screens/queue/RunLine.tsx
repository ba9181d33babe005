import type { ReactNode } from 'react';
import { modelTitle } from '../../../core/api/models.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import { MiddleText } from '../../components/MiddleText.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';

interface RunLineProps {
  run: RunRecord;
  /** How it stands. */
  children: ReactNode;
  actions: ReactNode;
}

/** A run in one of the lists: its name, what it is, how it stands, what can be done. */
export function RunLine({ run, children, actions }: RunLineProps) {
  const what = `${modelTitle(run.model)} on ${run.dataset.name}, seed ${run.seed}`;
  return (
    <div className="queue-line">
      <a
        className="row-link queue-name"
        href={routeLink('run', [run.id])}
        title={run.name}
        aria-label={run.name}
        draggable={false}
      >
        <RunTile model={run.model} />
        <MiddleText text={run.name} />
      </a>
      <span className="muted queue-what clip" title={what}>
        {what}
      </span>
      <span className="queue-state">{children}</span>
      <span className="queue-actions">{actions}</span>
    </div>
  );
}
