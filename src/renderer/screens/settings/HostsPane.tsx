import { useQuery } from '@tanstack/react-query';
import { Cpu, Plus, Server } from 'lucide-react';
import { useState } from 'react';
import { type Host, hostVerdict, wayOf } from '../../../core/api/hosts.ts';
import type { QueueState } from '../../../core/api/queue.ts';
import type { SystemInfo } from '../../../core/api/settings.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Answer, EmptyState } from '../../components/Screen.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { awayTime, queueAt, queueText } from '../../runs/away.ts';
import { api } from '../../state/api.ts';
import { useHosts } from '../../state/hosts.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { AddHostDialog } from './AddHostDialog.tsx';
import { HostDetail } from './HostDetail.tsx';

/** The machines that train, and what the last check found on one of them. */
export function HostsPane({ shown, system }: { shown: string | undefined; system: SystemInfo }) {
  const hosts = useHosts();
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const [adding, setAdding] = useState(false);
  const now = useNow(10_000);
  return (
    <Answer query={hosts}>
      {(all) => {
        const host = all.find(({ name }) => name === shown) ?? all[0];
        return (
          <div className="hosts grid tall">
            <section className="line-after" aria-label="Machines" data-setting="hosts">
              <div className="hosts-head row spread">
                <h2>Hosts</h2>
                <Button onClick={() => setAdding(true)}>
                  <Icon of={Plus} />
                  Add host
                </Button>
              </div>
              <ul>
                <li className="hosts-row grid middle holds bar-inset line-below">
                  <Icon of={Cpu} />
                  <strong className="clip">This machine</strong>
                  <span className="small muted">{workText(queue, '', now)}</span>
                  <small className="muted">
                    {countText(system.threads, 'thread')}, {bytesText(system.memoryBytes)}
                  </small>
                </li>
                {all.map((one) => (
                  <HostRow
                    key={one.name}
                    host={one}
                    current={one === host}
                    work={workText(queue, one.name, now)}
                  />
                ))}
              </ul>
            </section>
            {host ? (
              <HostDetail key={host.name} host={host} />
            ) : (
              <EmptyState
                title="No other machine yet"
                text="A workstation or a cluster that your ssh reaches can train for you. Nothing there needs an administrator, and nothing keeps running."
              >
                <Button kind="primary" onClick={() => setAdding(true)}>
                  Add host
                </Button>
              </EmptyState>
            )}
            {adding && <AddHostDialog known={all.map(({ name }) => name)} onClose={() => setAdding(false)} />}
          </div>
        );
      }}
    </Answer>
  );
}

function HostRow({ host, current, work }: { host: Host; current: boolean; work: string }) {
  const { fact } = hostVerdict(host.report);
  return (
    <li className="hosts-row grid middle holds bar-inset line-below" data-current={current || undefined}>
      <Icon of={Server} />
      <a
        className="row-link clip strong"
        href={routeLink('settings', ['hosts', host.name])}
        aria-current={current ? 'page' : undefined}
      >
        {host.name}
      </a>
      <span className="small muted">{work}</span>
      <small className="muted clip">
        {wayOf(host.report?.facts)}, {fact}
      </small>
    </li>
  );
}

/** "1 running, 2 waiting", or that nothing is heard from it. */
function workText(queue: QueueState | undefined, host: string, now: number): string {
  if (!queue) return '';
  const there = queueAt(queue, host);
  const silent = there.running.find(({ place }) => place?.phase === 'unreachable')?.place;
  if (silent) return `no answer for ${awayTime(silent, now)}`;
  return there.running.length + there.waiting.length > 0 ? queueText(there) : '';
}
