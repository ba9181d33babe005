import type { Query } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { Button } from '../components/Button.tsx';
import { durationText } from '../format/format.ts';
import { errorDetails, problemText, queryClient } from '../state/api.ts';
import { useNow } from '../state/now.ts';

/** Whether what is shown could not be asked for again. That its run is gone, a screen says itself. */
const isOld = (query: Query) =>
  query.state.status === 'error' &&
  query.state.data !== undefined &&
  query.isActive() &&
  errorDetails(query.state.error).code !== 'unknown-run';

/** The oldest of them, or none. */
function oldest(): Query['state'] | undefined {
  const old = queryClient.getQueryCache().findAll({ predicate: isOld });
  return old.map(({ state }) => state).sort((a, b) => a.dataUpdatedAt - b.dataUpdatedAt)[0];
}

const subscribe = (onChange: () => void) => queryClient.getQueryCache().subscribe(onChange);

/** Says how old what is shown is, where it could not be refreshed. */
export function OldAnswerBanner() {
  const state = useSyncExternalStore(subscribe, oldest);
  return state ? <OldAnswer {...state} /> : null;
}

function OldAnswer({ dataUpdatedAt, error }: Query['state']) {
  const age = durationText(Math.max(0, (useNow() - dataUpdatedAt) / 1000));
  return (
    <div className="banner row line-below surface" role="alert">
      <p className="shrinks">
        Could not refresh; from {age} ago. {problemText(error)}
      </p>
      <Button onClick={() => void queryClient.refetchQueries({ predicate: isOld })}>Try again</Button>
    </div>
  );
}
