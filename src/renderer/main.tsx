// Before what the parts of the window say of their own.
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@fontsource/ibm-plex-mono/400.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/tables.css';
import './styles/forms.css';
import './styles/messages.css';
import './styles/charts.css';
import './styles/report.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { meaningOf } from '../core/api/metrics.ts';
import { App } from './App.tsx';
import { appActions } from './actions/app-actions.ts';
import { listenToKeys } from './actions/keys.ts';
import { performAction, registerActions } from './actions/registry.ts';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { explainWith } from './components/meaning.ts';
import { shell } from './shell/window-shell.ts';
import { queryClient } from './state/api.ts';
import { listenToDrops, openPaths } from './state/drops.ts';
import { listen } from './state/events.ts';
import { useHome } from './state/home-store.ts';
import { applyTheme, keptTheme } from './state/theme.ts';

applyTheme(keptTheme());
registerActions(appActions);
explainWith(meaningOf);
listenToKeys();
listenToDrops();
shell.onAction(performAction);
shell.onOpenPaths(openPaths);
void listen();

/** What the window holds of one data folder is not there in another. */
function Window() {
  return <App key={useHome(({ changes }) => changes)} />;
}

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the window');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary what="in the window">
        <Window />
      </ErrorBoundary>
    </QueryClientProvider>
  </StrictMode>,
);
