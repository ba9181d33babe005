import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { knowPlugins } from '../core/api/models.ts';
import { Palette } from './actions/Palette.tsx';
import { ShortcutsSheet } from './actions/ShortcutsSheet.tsx';
import { useUndoActions } from './actions/undo-actions.ts';
import { DropTarget, TransferBanner } from './app/DropTarget.tsx';
import { OldAnswerBanner } from './app/OldAnswerBanner.tsx';
import { Sidebar } from './app/Sidebar.tsx';
import { Confirm } from './components/Confirm.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { EmptyState, Problem, Screen } from './components/Screen.tsx';
import { Toasts } from './components/Toasts.tsx';
import { countText } from './format/format.ts';
import { NewRunDialog } from './new-run/NewRunDialog.tsx';
import { ResultDialog } from './results/ResultDialog.tsx';
import { type ScreenDefinition, screens } from './screens/registry.ts';
import { api, queryClient } from './state/api.ts';
import { useConnection } from './state/connection.ts';
import { useLive } from './state/events.ts';
import { useKeptPlaces } from './state/last-places.ts';
import { useAddress, useRoute } from './state/navigation.ts';
import { applyTheme } from './state/theme.ts';

/** A build for developers has all figures beside its screens. */
const places: readonly ScreenDefinition[] = import.meta.env.VITE_GALLERY
  ? [...screens, { id: 'gallery', title: 'Gallery', parent: 'home', load: () => import('tessera:gallery') }]
  : screens;

const codeOf = (screen: ScreenDefinition) => ({
  queryKey: ['screen', screen.id],
  queryFn: () => screen.load(),
  gcTime: Number.POSITIVE_INFINITY,
});

/** Fetches the code of a screen before it is shown; what fails is asked for again by the screen, which says so. */
function fetchCode(id: string): void {
  const screen = places.find((entry) => entry.id === id);
  if (screen) void queryClient.prefetchQuery(codeOf(screen));
}

// While the sidebar answers, which comes first.
useAddress.subscribe(({ screen }) => fetchCode(screen));

/** Sidebar, the screen of the address, and what lies over every screen. */
export function App() {
  const { data: settings } = useQuery(api.settings.read.queryOptions());
  const { data: plugins } = useQuery(api.models.plugins.queryOptions());
  // What is below names their models and metrics.
  useMemo(() => knowPlugins(plugins ?? []), [plugins]);
  const id = useRoute((place) => place.screen);
  const screen = places.find((entry) => entry.id === id);
  useKeptPlaces();
  useUndoActions();
  useEffect(() => {
    if (settings) applyTheme(settings.theme);
  }, [settings]);
  useEffect(() => {
    document.title = screen ? `${screen.title} – Tessera` : 'Tessera';
  }, [screen]);
  const isRefused = useConnection((connection) => connection.state === 'refused');
  if (isRefused) return <Renewed />;
  return (
    <div className="app grid tall holds">
      <Sidebar />
      <div className="column shrinks flattens tall">
        <ClosingBanner />
        <ConnectionBanner />
        <OldAnswerBanner />
        <TransferBanner />
        {screen ? (
          <ErrorBoundary key={screen.id} what={`on the ${screen.title} screen`}>
            <ScreenOutlet screen={screen} />
          </ErrorBoundary>
        ) : (
          <EmptyState title="Screen not found">
            <p>Choose one in the sidebar.</p>
          </EmptyState>
        )}
      </div>
      <DropTarget />
      <ErrorBoundary what="in the form of a new run">
        <NewRunDialog />
      </ErrorBoundary>
      <ErrorBoundary what="in the form of recommendations">
        <ResultDialog />
      </ErrorBoundary>
      <Palette />
      <Confirm />
      <ShortcutsSheet />
      <Toasts />
    </div>
  );
}

/** Its link is worthless: its buttons would do nothing. */
function Renewed() {
  return (
    <Screen title="Tessera">
      <EmptyState title="This window is no longer let in">
        <p role="alert">
          Its link was renewed, here or in another window. Open the link that “tessera serve” printed, or run
          it again. Your data is safe, and runs continue.
        </p>
      </EmptyState>
    </Screen>
  );
}

/** The window stays until everything has stopped. */
function ClosingBanner() {
  const closing = useLive((live) => live.closing);
  if (closing === null) return null;
  const text =
    closing === 0
      ? 'Closing.'
      : `Stopping ${countText(closing, 'run')}. They will resume when Tessera restarts.`;
  return (
    <p className="banner row line-below surface" role="status">
      {text}
    </p>
  );
}

function ConnectionBanner() {
  const state = useConnection((connection) => connection.state);
  const closing = useLive((live) => live.closing);
  if (state !== 'lost' || closing !== null) return null;
  return (
    <p className="banner row line-below surface" role="alert">
      Tessera is not responding. Running runs keep their checkpoints, and the window reconnects once it
      answers, also after a restart.
    </p>
  );
}

/**
 * A screen, once its code is there. Not by React.lazy: after a fallback was shown, React holds back what
 * follows for 300 ms, which is longer than the code takes.
 */
function ScreenOutlet({ screen }: { screen: ScreenDefinition }) {
  const code = useQuery(codeOf(screen));
  if (code.error) return <Problem query={code} />;
  const Component = code.data?.default;
  return Component ? <Component /> : null;
}
