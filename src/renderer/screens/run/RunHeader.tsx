import { Clock, Server, Unplug } from 'lucide-react';
import { AWAY_WORDS, isAway, pendingWords, placeOf } from '../../../core/api/machines.ts';
import { nameAlone, type RunPage } from '../../../core/api/runs.ts';
import { Chip } from '../../components/lists.tsx';
import { renameRun } from '../../runs/changes.ts';
import { InlineName } from '../../runs/InlineName.tsx';
import { OriginChip } from '../../runs/OriginChip.tsx';
import { RunStatus } from '../../runs/RunStatus.tsx';
import { useRunRoute } from './run-route.ts';

interface RunHeaderProps {
  page: RunPage;
  /** The name is being changed. */
  renaming: boolean;
  onRenaming(renaming: boolean): void;
}

/** The name to be changed where it stands, and the other seeds. */
export function RunHeader({ page, renaming, onRenaming }: RunHeaderProps) {
  const { run, annotations, live } = page;
  const { siblings, linkTo } = useRunRoute();
  const job = placeOf(page)?.job;
  const pending = pendingWords(page);
  const done = (name: string | null) => {
    onRenaming(false);
    if (name !== null) void renameRun(run.id, name);
  };
  return (
    <span className="run-header row shrinks regular">
      {renaming ? (
        <InlineName name={run.name} label="Name of the run" onDone={done} />
      ) : (
        <button
          type="button"
          className="run-name clip strong"
          title={`Rename ${run.name}`}
          onClick={() => onRenaming(true)}
        >
          {annotations.starred ? '★ ' : ''}
          {nameAlone(run)}
        </button>
      )}
      {run.kind !== 'own' && <OriginChip program={run.program} />}
      {isAway(live) ? (
        <Chip icon={live.phase === 'unreachable' ? Unplug : Clock} tone="warning">
          {AWAY_WORDS[live.phase]}
        </Chip>
      ) : (
        <RunStatus status={run.status} run={run.id} message={run.message} />
      )}
      {run.kind === 'own' && run.place !== null && (
        <Chip icon={Server} tone="line">
          {job ? `${run.place} · job ${job}` : run.place}
        </Chip>
      )}
      {pending !== null && (
        <Chip icon={Clock} tone="warning" title="Requested, and not obeyed there yet.">
          {pending}
        </Chip>
      )}
      {siblings.length > 1 && (
        <nav className="run-seeds flex gap-1 middle" aria-label="Seeds of this config">
          <span className="muted">Seed</span>
          {siblings.map(({ id, seed }) => (
            <a key={id} className="plain" href={linkTo(id)} aria-current={id === run.id ? 'page' : undefined}>
              {seed}
            </a>
          ))}
        </nav>
      )}
    </span>
  );
}
