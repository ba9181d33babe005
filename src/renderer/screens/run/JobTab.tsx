import { useQuery } from '@tanstack/react-query';
import { Check, Clock } from 'lucide-react';
import type { OwnRun, RunPage } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Missing } from '../../components/Screen.tsx';
import { courseOf } from '../../runs/away.ts';
import { epochsOf } from '../../runs/run-words.ts';
import { api } from '../../state/api.ts';
import { isCluster, useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';

/** What has become of a run on another machine, and the script of its job. */
export function JobTab({ run, page: { live, attempts } }: { run: OwnRun; page: RunPage }) {
  const now = useNow(10_000);
  const { data: hosts } = useHosts();
  const host = hosts?.find(({ name }) => name === run.place);
  const onCluster = Boolean(live?.job) || (host !== undefined && isCluster(host));
  const steps = courseOf(live, {
    host: run.place ?? '',
    isCluster: onCluster,
    createdAt: run.createdAt,
    sentAt: attempts.at(-1)?.startedAt ?? null,
    epochs: epochsOf(run),
    now,
  });
  return (
    <div className="run-job grid page-inset">
      <section>
        <h2>Course</h2>
        <ol>
          {steps.map(({ text, state, time }) => (
            <li key={text} className="run-step row line-below" data-state={state}>
              {state === 'open' ? (
                <i className="run-step-tile" />
              ) : (
                <Icon of={state === 'done' ? Check : Clock} />
              )}
              <span className="clip">{text}</span>
              <span className="push rigid small muted">{time}</span>
            </li>
          ))}
        </ol>
      </section>
      {onCluster && <JobScript run={run.id} job={live?.job ?? null} />}
    </div>
  );
}

function JobScript({ run, job }: { run: string; job: string | null }) {
  const script = useQuery({ ...api.hosts.script.queryOptions({ input: { run } }), enabled: job !== null });
  return (
    <section>
      <div className="row spread">
        <h2>Job script</h2>
        <CopyButton what="the script" text={script.data ?? undefined} />
      </div>
      {job === null || script.data === null ? (
        <p className="muted">The script is there once the job is submitted.</p>
      ) : script.data === undefined ? (
        <Missing query={script} />
      ) : (
        <pre className="code-block">{script.data}</pre>
      )}
    </section>
  );
}
