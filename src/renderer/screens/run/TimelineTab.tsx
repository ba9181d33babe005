import { useQuery } from '@tanstack/react-query';
import { Check, Clock, Unplug, X } from 'lucide-react';
import { type CourseStep, courseOf, isRefused, pendingWords, placeOf } from '../../../core/api/machines.ts';
import { type OwnRun, phaseOf, type RunPage } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Missing } from '../../components/Screen.tsx';
import { clockText } from '../../format/format.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { epochsOf } from '../../runs/run-words.ts';
import { api } from '../../state/api.ts';
import { schedulerOf, useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';

const ICONS = { done: Check, now: Clock, ended: X, gap: Unplug, pending: Clock };
/** Of the log there. */
const LINES = 4;

/** What has become of a run on another machine, step by step, and what it or its job says. */
export function TimelineTab({ run, page }: { run: OwnRun; page: RunPage }) {
  const now = useNow(10_000);
  const { data: hosts } = useHosts();
  const host = hosts?.find(({ name }) => name === run.place);
  const hasEnded = phaseOf(run.status) === 'ended';
  const place = placeOf(page);
  const onCluster = Boolean(place?.job) || (host !== undefined && schedulerOf(host) !== null);
  const steps = courseOf(place, {
    host: run.place ?? '',
    isCluster: onCluster,
    createdAt: run.createdAt,
    sentAt: page.attempts.at(-1)?.startedAt ?? null,
    epochs: epochsOf(run),
    end: hasEnded
      ? {
          completed: run.status === 'completed',
          words: isRefused(run, place) ? 'Refused' : statusText(run.status),
          at: run.endedAt,
        }
      : null,
    pending: pendingWords(page),
    now,
  });
  return (
    <div className="run-job panels top page-inset">
      <section>
        <h2>Timeline</h2>
        <ol>
          {steps.map(({ text, state, time }) => (
            <li key={text} className="run-step row line-below" data-state={state}>
              <StepMark state={state} model={run.model} />
              <span className="clip">{text}</span>
              <span className="push rigid small muted">{time}</span>
            </li>
          ))}
        </ol>
      </section>
      {onCluster && !hasEnded && (
        <JobScript run={run.id} job={place?.job ?? null} silent={place?.phase === 'unreachable'} />
      )}
      {!onCluster && <LastLines run={run.id} />}
    </div>
  );
}

/** A checkpoint that is here is the run's own tile; what is to come is hollow. */
function StepMark({ state, model }: Pick<CourseStep, 'state'> & { model: string }) {
  if (state === 'open') return <i className="run-step-tile" />;
  if (state !== 'saved') return <Icon of={ICONS[state]} />;
  return (
    <span className="run-step-saved">
      <RunTile model={model} />
    </span>
  );
}

function LastLines({ run }: { run: string }) {
  const { data: lines = [] } = useQuery(api.runs.logs.queryOptions({ input: { run, most: LINES } }));
  const text = lines.map(({ time, message }) => `${clockText(time)} ${message}`).join('\n');
  if (text === '') return null;
  return (
    <section>
      <div className="row spread">
        <h2>Last lines there</h2>
        <CopyButton what="the lines" text={text} />
      </div>
      <pre className="code-block">{text}</pre>
    </section>
  );
}

function JobScript({ run, job, silent }: { run: string; job: string | null; silent: boolean }) {
  const enabled = job !== null && !silent;
  const script = useQuery({ ...api.hosts.script.queryOptions({ input: { run } }), enabled });
  return (
    <section>
      <div className="row spread">
        <h2>Job script</h2>
        <CopyButton what="the script" text={script.data ?? undefined} />
      </div>
      {job === null || script.data === null ? (
        <p className="muted">The script is there once the job is submitted.</p>
      ) : script.data === undefined && silent ? (
        <p className="muted">The script is there once the host answers.</p>
      ) : script.data === undefined ? (
        <Missing query={script} />
      ) : (
        <pre className="code-block">{script.data}</pre>
      )}
    </section>
  );
}
