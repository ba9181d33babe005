import { useQuery } from '@tanstack/react-query';
import { Cpu, KeyRound, Plus, ScrollText, Server, Unplug } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { type Machine, machinesOf, stateOf } from '../../../core/api/machines.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Chip } from '../../components/lists.tsx';
import { Answer, Screen } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { api, together } from '../../state/api.ts';
import { useHosts } from '../../state/hosts.ts';
import { goTo, routeLink, useRoute } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { AddHostDialog } from './AddHostDialog.tsx';
import { MachineDetail } from './MachineDetail.tsx';
import './machines.css';

const pathOf = (name: string) => (name === '' ? [] : [name]);

/** The machines that train: how each is, what it has to do, and what waits for the user. */
export default function MachinesScreen() {
  const answers = together([
    useHosts(),
    useQuery(api.queue.show.queryOptions()),
    useQuery(api.hosts.activity.queryOptions()),
    useQuery(api.settings.system.queryOptions()),
  ]);
  const shown = useRoute(({ path }) => path[0]) ?? '';
  const [adding, setAdding] = useState(false);
  const now = useNow(10_000);
  const all = useMemo(() => {
    if (!answers.data) return undefined;
    const [hosts, queue, activity, { threads, memoryBytes }] = answers.data;
    const [here, ...others] = machinesOf(hosts, queue, activity, now);
    const about = `${countText(threads, 'thread')}, ${bytesText(memoryBytes)}`;
    return [{ ...here, about }, ...others];
  }, [answers.data, now]);
  const machine = all?.find(({ name }) => name === shown) ?? all?.[0];
  const add = () => setAdding(true);
  return (
    <Screen
      title="Machines"
      aside={
        all &&
        machine && (
          <>
            <span className="muted clip wide-only">{summary(all, now)}</span>
            <span className="narrow-only">
              <Select
                aria-label="Machine"
                value={machine.name}
                choices={all.map((one) => ({
                  value: one.name,
                  label: `${one.title}, ${stateOf(one, now).words}`,
                }))}
                onValue={(name) => goTo('machines', pathOf(name))}
              />
            </span>
          </>
        )
      }
      actions={
        <>
          <Button icon={ScrollText} onClick={() => goTo('log')}>
            Log
          </Button>
          <Button kind="primary" icon={Plus} onClick={add}>
            Add a machine
          </Button>
        </>
      }
    >
      <Answer query={answers}>
        {([hosts, queue]) =>
          all &&
          machine && (
            <div className="column tall">
              <div className="machines grid fill">
                <MachineList all={all} shown={machine} now={now} onAdd={add} />
                <MachineDetail
                  key={machine.name}
                  machine={machine}
                  others={all.filter((one) => one !== machine)}
                  queue={queue}
                  now={now}
                />
              </div>
              <ScreenFoot>
                <span>
                  A tile is a run. Runs elsewhere continue when the window closes, and are fetched when it
                  opens again.
                </span>
              </ScreenFoot>
              {adding && (
                <AddHostDialog known={hosts.map(({ name }) => name)} onClose={() => setAdding(false)} />
              )}
            </div>
          )
        }
      </Answer>
    </Screen>
  );
}

/** "4 machines, 4 running · cluster asks you" */
function summary(all: readonly Machine[], now: number): string {
  const running = all.flatMap(({ training }) => training).length;
  const asking = all.filter((one) => stateOf(one, now).is === 'asks').map(({ name }) => `${name} asks you`);
  return [`${countText(all.length, 'machine')}, ${running} running`, ...asking].join(' · ');
}

/** Silence is muted, never red. */
const TONES = {
  asks: 'warning',
  unready: 'warning',
  trains: 'accent',
  silent: undefined,
  waits: undefined,
  paused: undefined,
  idle: undefined,
} as const;

interface MachineListProps {
  all: readonly Machine[];
  shown: Machine;
  now: number;
  onAdd(): void;
}

/** Up and down lead to the next machine. */
function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.indexOf(event.target as HTMLAnchorElement) + step];
  event.preventDefault();
  next?.focus();
  next?.click();
}

function MachineList({ all, shown, now, onAdd }: MachineListProps) {
  return (
    <nav className="machine-list scrolls line-after wide-only" aria-label="Machines">
      <ul onKeyDown={onKeyDown}>
        {all.map((one) => {
          const { is, words, meaning } = stateOf(one, now);
          return (
            <li key={one.name} className="machine-row grid holds" data-current={one === shown || undefined}>
              <Icon of={one.name === '' ? Cpu : is === 'silent' ? Unplug : Server} />
              <a
                className="row-link clip strong"
                href={routeLink('machines', pathOf(one.name))}
                aria-current={one === shown ? 'page' : undefined}
                aria-description={meaning}
              >
                {one.title}
              </a>
              <Chip icon={is === 'asks' ? KeyRound : undefined} tone={TONES[is]} title={meaning}>
                {words}
              </Chip>
              <small className="muted clip">{one.about}</small>
              <RunTiles machine={one} />
            </li>
          );
        })}
      </ul>
      <Button kind="quiet" icon={Plus} onClick={onAdd}>
        Add a machine
      </Button>
    </nav>
  );
}

/** Beyond as many, the words say how many runs there are. */
const MOST_TILES = 24;

/** A tile a run: it trains, asks its user or has failed; hollow where it is to come, or not heard of. */
function RunTiles({ machine: { training, silent, waits, failed } }: { machine: Machine }) {
  const states = [
    ...training.map(() => 'trains'),
    ...silent.map(({ place }) => (place?.asksUser ? 'asks' : 'silent')),
    ...Array.from({ length: waits }, () => 'comes'),
    ...failed.map(() => 'failed'),
  ];
  return (
    <span className="machine-tiles flex wrap" aria-hidden="true">
      {states.slice(0, MOST_TILES).map((state, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tiles of a state are all alike
        <i key={at} data-state={state} />
      ))}
    </span>
  );
}
