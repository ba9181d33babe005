import { useQuery } from '@tanstack/react-query';
import { KeyRound, Pause, Play, RefreshCw, Unplug } from 'lucide-react';
import { useMemo } from 'react';
import type { Host } from '../../../core/api/hosts.ts';
import { heardAt, type Machine, machineStatement, stateOf, timeSince } from '../../../core/api/machines.ts';
import type { QueueState } from '../../../core/api/queue.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button, Icon } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { Statement } from '../../components/Statement.tsx';
import { type Tab, Tabs } from '../../components/Tabs.tsx';
import { bytesText, countText, grouped } from '../../format/format.ts';
import { RunsShown } from '../../runs/RunName.tsx';
import { api, client } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { schedulerOf } from '../../state/hosts.ts';
import { routeLink, useKept } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { DayFigure } from './DayFigure.tsx';
import { HostCheck, sinceText, useHostCheck } from './HostCheck.tsx';
import { cleanHost, HostMenu } from './HostMenu.tsx';
import { JobForm } from './JobForm.tsx';
import { MachineRuns } from './MachineRuns.tsx';

interface MachineDetailProps {
  machine: Machine;
  others: readonly Machine[];
  queue: QueueState;
  now: number;
}

/** Asks a machine at once how its runs stand. */
const lookAt = ({ live }: Machine) =>
  attempt('Could not ask the machine', async () => {
    const hosted = live.filter(({ hostedHere }) => hostedHere);
    await Promise.all(hosted.map(({ run }) => client.queue.check({ run: run.id })));
  });

/** One machine: what it does, and what is to know of it. */
export function MachineDetail({ machine, others, queue, now }: MachineDetailProps) {
  const { name, host } = machine;
  const [kept, keep] = useKept('view');
  const work = useHostCheck(() => keep('check'));
  const [fact, limit] = machineStatement(machine, now);
  const checking: Action = {
    id: 'machine.check',
    label: 'Check this machine now',
    group: 'Run',
    shortcut: 'r',
    enabled: () => host !== null && !work.isPending,
    perform: () => (live.length > 0 ? void lookAt(machine) : work.start(name)),
  };
  const pausing: Action = {
    id: 'machine.pause',
    label: machine.paused ? 'Resume this machine' : 'Pause this machine',
    short: machine.paused ? 'Resume machine' : 'Pause machine',
    icon: machine.paused ? Play : Pause,
    group: 'Run',
    perform: () =>
      void change(
        `Could not ${machine.paused ? 'resume' : 'pause'} the machine`,
        { label: `${machine.paused ? 'resuming' : 'pause'} of ${machine.title}` },
        [{ of: 'machine', name, to: !machine.paused }],
      ),
  };
  useRegisteredActions([checking, pausing]);
  const { live, waiting, failed } = machine;
  const runs = useMemo(
    () => [...[...live, ...waiting].map(({ run }) => run), ...failed],
    [live, waiting, failed],
  );
  const overview = (
    <div className="flow">
      <RunsShown value={runs}>
        <MachineRuns machine={machine} queue={queue} now={now} />
      </RunsShown>
      <div className="panels">
        <DayFigure activity={machine.activity} now={now} />
        {host && <StoredThere machine={machine} />}
      </div>
      <Elsewhere others={others} now={now} />
    </div>
  );
  const first = host?.report || runs.length > 0 ? 'runs' : 'check';
  return (
    <div className="column shrinks flattens">
      <div className="flex spread rigid">
        <Statement fact={fact} limit={limit && `: ${limit}`} label="State of the machine">
          {host ? hostLine(machine, host, now) : machine.about}
        </Statement>
        <div className="row rigid page-inset top">
          <ActionButton
            action={pausing}
            title={
              machine.paused
                ? 'Runs of the queue begin there again'
                : 'What runs continues; nothing new begins'
            }
          />
          {host && (
            <>
              <ActionButton icon={RefreshCw} action={checking} title="Check now (R)">
                Check now
              </ActionButton>
              <HostMenu name={name} />
            </>
          )}
        </div>
      </div>
      <Numbers machine={machine} queue={queue} now={now} />
      {host ? (
        <Tabs
          label="Views of the machine"
          tabs={tabsOf(host, overview, <HostCheck host={host} work={work} />)}
          current={kept ?? first}
          onChange={keep}
        />
      ) : (
        <div className="fill scrolls holds">{overview}</div>
      )}
    </div>
  );
}

function tabsOf(host: Host, overview: Tab['content'], check: Tab['content']): Tab[] {
  const scheduler = schedulerOf(host);
  const jobs = scheduler && (
    <div className="flow">
      <JobForm key={JSON.stringify(host.job)} host={host} scheduler={scheduler} />
    </div>
  );
  return [
    { id: 'check', title: 'Check', content: check },
    { id: 'runs', title: 'Runs', content: overview },
    ...(jobs ? [{ id: 'jobs', title: 'Jobs', content: jobs }] : []),
  ];
}

/** What it says of itself: the last contact, its space, and whether its numbers are ours. */
function hostLine(machine: Machine, { report }: Host, now: number): string {
  const state = stateOf(machine, now);
  if (state.is === 'asks' || state.is === 'silent') return state.meaning;
  const heard = heardAt(machine);
  const contact =
    heard !== null
      ? `Last contact ${timeSince(heard, now)} ago`
      : report
        ? `Checked ${sinceText(report.at, now)}`
        : 'Unknown before its first check';
  const said = (report?.lines ?? []).filter(({ key }) => key === 'space' || key === 'numbers');
  return `${[contact, ...said.map(({ text }) => text[0].toUpperCase() + text.slice(1))].join('. ')}.`;
}

/** What it trains, what waits, what is saved here and what it has done. */
function Numbers({ machine, queue, now }: Pick<MachineDetailProps, 'machine' | 'queue' | 'now'>) {
  const { name, host, live, training, silent, waits, activity } = machine;
  const { data: system } = useQuery(api.settings.system.queryOptions());
  const most = host && (schedulerOf(host) ? host.job.atOnce : queue.slots[name]);
  const saved = live.flatMap(({ place }) => place?.saved?.slice(-1) ?? []);
  const [epoch, at] = saved.sort(([, one], [, other]) => other - one)[0] ?? [];
  const figures: Figure[] = [
    {
      label: 'Trains',
      value: most ? `${training.length} of ${most}` : grouped(training.length),
      detail: most ? 'at most at a time' : silent.length > 0 ? `${silent.length} without contact` : undefined,
    },
    {
      label: 'Waits',
      value: grouped(waits),
      detail: name === '' ? 'in the queue' : 'there and in the queue here',
    },
    name === ''
      ? { label: 'Free', value: bytesText(system?.freeBytes), detail: 'on the disk of the data folder' }
      : {
          label: 'Saved here',
          value: at === undefined ? '–' : `${timeSince(at, now)} ago`,
          detail: epoch === undefined ? 'no checkpoint of these runs' : `newest checkpoint, epoch ${epoch}`,
        },
    { label: 'Completed', value: grouped(activity.completed), detail: 'runs, all of them here' },
  ];
  return <Figures label="Numbers of the machine" size="alike" figures={figures} />;
}

function StoredThere({ machine }: { machine: Machine }) {
  const { name, activity, live, waiting } = machine;
  return (
    <section>
      <h2>Stored there</h2>
      <ul>
        <li className="machine-stored row line-below">
          <strong>Program and data</strong>
          <span className="muted">
            {live.length > 0 ? `used by ${countText(live.length, 'run')}` : 'no run needs them'}; size unknown
          </span>
          <Button className="push" onClick={() => void cleanHost(name, false)}>
            Clean up
          </Button>
        </li>
        {activity.toEnd > 0 && (
          <li className="machine-stored row line-below">
            <strong>Still to be ended</strong>
            <span className="muted">{countText(activity.toEnd, 'training')}, once it answers</span>
          </li>
        )}
      </ul>
      {live.length + waiting.length > 0 && (
        <p className="small muted">A machine that has runs cannot be removed; cancel or fetch them first.</p>
      )}
    </section>
  );
}

/** What waits for the user on other machines, what is out of reach, and the step that helps. */
function Elsewhere({ others, now }: { others: readonly Machine[]; now: number }) {
  const troubled = others.filter((one) => one.silent.length > 0);
  if (others.length === 0)
    return (
      <p className="muted">
        A workstation or a cluster that your ssh reaches can train for you: add a machine. Nothing there needs
        an administrator, and nothing keeps running.
      </p>
    );
  if (troubled.length === 0) return null;
  return (
    <section>
      <h2>
        Elsewhere <span className="small muted">what waits for you, and what is out of reach</span>
      </h2>
      <ul className="line-above">
        {troubled.map((one) => {
          const [fact] = machineStatement(one, now);
          const { is, meaning } = stateOf(one, now);
          const count = countText(one.silent.length, 'run');
          return (
            <li key={one.name} className="machine-stored row line-below">
              <span className={is === 'asks' ? 'warning flex' : 'muted flex'}>
                <Icon of={is === 'asks' ? KeyRound : Unplug} />
              </span>
              <span className="shrinks">
                <a className="row-link strong" href={routeLink('machines', [one.name])}>
                  {fact}
                </a>
                <small className="block muted">
                  {count} there. {meaning}
                </small>
              </span>
              <span className="row push rigid">
                {is === 'asks' && (
                  <Button
                    onClick={() => void copyText(`ssh ${one.name} true`, `Copied ssh ${one.name} true`)}
                  >
                    Copy sign-in command
                  </Button>
                )}
                <Button icon={RefreshCw} onClick={() => void lookAt(one)}>
                  Check now
                </Button>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
