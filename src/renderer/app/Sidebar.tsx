import { useQuery } from '@tanstack/react-query';
import { Folder, Search } from 'lucide-react';
import { queueCounts } from '../../core/api/clock.ts';
import { shortcutLabel } from '../actions/keys.ts';
import { usePalette } from '../actions/Palette.tsx';
import { Icon } from '../components/Button.tsx';
import { Tiles } from '../components/lists.tsx';
import { Mark } from '../components/Mark.tsx';
import { bytesText, countText, grouped } from '../format/format.ts';
import { projectAt, projectPlace, useProjects } from '../runs/projects.ts';
import { type SidebarScreen, sidebarPlace, sidebarScreens } from '../screens/registry.ts';
import { api } from '../state/api.ts';
import { useConnection } from '../state/connection.ts';
import { useHosts } from '../state/hosts.ts';
import { routeLink, useAddress } from '../state/navigation.ts';
import { WorkTray } from './WorkTray.tsx';

const CONNECTION = {
  connecting: 'Connecting',
  open: 'Connected',
  lost: 'Connection lost',
  refused: 'Not let in',
};
const GROUPS = ['Experiments', 'Data', 'Reference'] as const;
/** Beyond as many, a number says how many runs there are in the queue. */
const MAX_TILES = 8;

/** The places of the window by subject, the queue and the device at a glance. A rail of icons in a narrow window. */
export function Sidebar() {
  const inProject = useAddress(projectAt) !== null;
  const current = useAddress(({ screen }) => (inProject ? '' : sidebarPlace(screen)));
  const counts = useCounts();
  const link = (screen: SidebarScreen) => (
    <SidebarLink key={screen.id} screen={screen} current={current} count={counts[screen.id]} />
  );
  const inGroup = (group: SidebarScreen['group']) =>
    sidebarScreens.filter((screen) => screen.group === group).map(link);
  return (
    <nav className="sidebar column small-inset surface line-after" aria-label="Screens">
      <span className="sidebar-brand row title">
        <Mark size={16} />
        <span className="sidebar-word">Tessera</span>
      </span>
      <button
        type="button"
        className="sidebar-search row rigid medium"
        title="Search"
        onClick={() => usePalette.setState({ open: true })}
      >
        <Icon of={Search} />
        <span className="sidebar-word">Search</span>
        <kbd className="sidebar-word push">{shortcutLabel('Mod+K')}</kbd>
      </button>
      <div className="sidebar-start">{inGroup('Start')}</div>
      {GROUPS.map((group) => (
        <fieldset key={group} className="sidebar-group grid" aria-label={group}>
          <span className="sidebar-heading medium faint" aria-hidden="true">
            {group}
          </span>
          {inGroup(group)}
        </fieldset>
      ))}
      <Projects />
      <div className="sidebar-foot grid gap-1">
        <WorkTray />
        {inGroup('Machines')}
        <DeviceState />
        {inGroup('Foot')}
      </div>
    </nav>
  );
}

/** The projects, each leading to its runs. A narrow window has them in the menu of the runs alone. */
function Projects() {
  const projects = useProjects();
  const inView = useAddress(projectAt);
  if (projects.length === 0) return null;
  return (
    <fieldset className="sidebar-group sidebar-projects grid" aria-label="Projects">
      <span className="sidebar-heading medium faint" aria-hidden="true">
        Projects
      </span>
      {projects.map(({ id, name, runs }) => (
        <a
          key={id}
          className="sidebar-link row rigid holds medium plain"
          href={routeLink(...projectPlace(id))}
          title={name}
          aria-current={id === inView ? 'page' : undefined}
          data-count={runs ? grouped(runs) : undefined}
        >
          <Icon of={Folder} />
          <span className="clip">{name}</span>
        </a>
      ))}
    </fieldset>
  );
}

/** How many there are of what a place shows. */
function useCounts(): Record<string, number | undefined> {
  const { data: totals } = useQuery(api.runs.totals.queryOptions());
  const { data: datasets } = useQuery(api.datasets.list.queryOptions());
  const { data: hosts } = useHosts();
  return {
    runs: totals?.runs || undefined,
    datasets: datasets?.length || undefined,
    machines: hosts && hosts.length + 1,
  };
}

interface SidebarLinkProps {
  screen: SidebarScreen;
  current: string;
  count: number | undefined;
}

function SidebarLink({ screen: { id, title, icon }, current, count }: SidebarLinkProps) {
  return (
    <a
      className="sidebar-link row rigid holds medium plain"
      href={routeLink(id)}
      title={title}
      aria-current={id === current ? 'page' : undefined}
      data-count={count && grouped(count)}
    >
      <Icon of={icon} />
      <span className="sidebar-word">{title}</span>
      {id === 'queue' && <QueueTiles />}
    </a>
  );
}

/** A filled tile for each run that trains, a hollow one for each that waits. */
function QueueTiles() {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const { running, waiting, silent } = queueCounts(queue ?? { running: [], waiting: [] });
  const all = running + waiting + silent;
  if (all > MAX_TILES) return <span className="queue-tiles push" data-count={all} />;
  return <Tiles className="queue-tiles push" filled={running} of={all} colour="var(--accent)" />;
}

/** The device that runs train on, once one has been chosen; or the state of a lost connection. */
function DeviceState() {
  const connection = useConnection((state) => state.state);
  const { data: system } = useQuery(api.settings.system.queryOptions());
  // Devices are looked for where somebody chooses one: it takes seconds and a process of its own.
  const { data: devices } = useQuery({ ...api.devices.list.queryOptions(), enabled: false });
  const device = devices?.find(({ preferred }) => preferred);
  return (
    <p className="sidebar-device grid line-above" role="status" title={CONNECTION[connection]}>
      {connection === 'open' && system ? (
        <>
          <strong className="clip small strong">
            {device && device.id !== 'cpu' ? device.title : `CPU, ${countText(system.threads, 'thread')}`}
          </strong>
          <span className="muted">{bytesText(system.memoryBytes)} memory</span>
        </>
      ) : (
        <span className="muted">{CONNECTION[connection]}</span>
      )}
    </p>
  );
}
