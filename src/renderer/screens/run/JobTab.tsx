import { useQuery } from '@tanstack/react-query';
import { Check, Clock, X } from 'lucide-react';
import { type OwnRun, phaseOf, type RunPage } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Missing } from '../../components/Screen.tsx';
import { courseOf, placeOf } from '../../runs/away.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { epochsOf } from '../../runs/run-words.ts';
import { api } from '../../state/api.ts';
import { schedulerOf, useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';

const ICONS = { done: Check, now: Clock, ended: X };

/** What has become of a run on another machine, and the script of its job. */
export function JobTab({ run, page }: { run: OwnRun; page: RunPage }) {
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
      ? { completed: run.status === 'completed', words: statusText(run.status), at: run.endedAt }
      : null,
    now,
  });
  return (
    <div className="run-job panels top page-inset">
      <section>
        <h2>Course</h2>
        <ol>
          {steps.map(({ text, state, time }) => (
            <li key={text} className="run-step row line-below" data-state={state}>
              {state === 'open' ? <i className="run-step-tile" /> : <Icon of={ICONS[state]} />}
              <span className="clip">{text}</span>
              <span className="push rigid small muted">{time}</span>
            </li>
          ))}
        </ol>
      </section>
      {onCluster && !hasEnded && (
        <JobScript run={run.id} job={place?.job ?? null} silent={place?.phase === 'unreachable'} />
      )}
    </div>
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
