import { screens, sidebarScreens } from '../screens/registry.ts';
import { useConnection } from '../state/connection.ts';
import { routeLink, useRoute } from '../state/navigation.ts';

const CONNECTION = { connecting: 'Connecting', open: 'Connected', lost: 'Connection lost' };

export function Sidebar() {
  const place = useRoute(({ screen }) => screen);
  const current = screens.find(({ id }) => id === place)?.parent ?? place;
  const connection = useConnection((state) => state.state);
  return (
    <nav className="sidebar" aria-label="Screens">
      <span className="sidebar-brand">Tessera</span>
      {sidebarScreens.map(({ id, title }) => (
        <a
          key={id}
          className="sidebar-link"
          href={routeLink(id)}
          aria-current={id === current ? 'page' : undefined}
        >
          {title}
        </a>
      ))}
      <span className="sidebar-foot muted" role="status">
        {CONNECTION[connection]}
      </span>
    </nav>
  );
}
