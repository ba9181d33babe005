import { useState } from 'react';
import type { ImportState } from '../../core/api/datasets.ts';
import { Button } from '../components/Button.tsx';
import { client, windowText } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { goTo } from '../state/navigation.ts';
import { attempt } from '../state/toasts.ts';

const SAMPLE = 'sample';

/** Imports the generated data set, where it is not there yet, and shows its page. */
export function openSample(): Promise<boolean> {
  return attempt('Could not open the sample', async () => {
    const datasets = await client.datasets.list();
    if (!datasets.some(({ name }) => name === SAMPLE)) {
      const { paths } = await client.datasets.sample();
      const { problem } = await ended(await client.datasets.import({ paths, name: SAMPLE }));
      if (problem) throw new Error(windowText(problem));
    }
    goTo('datasets', [SAMPLE]);
  });
}

/** The import once it runs no more. */
function ended(started: ImportState): Promise<ImportState> {
  return new Promise((resolve) => {
    const check = () => {
      const state = useLive.getState().imports[started.id] ?? started;
      if (state.status === 'running') return;
      stop();
      resolve(state);
    };
    const stop = useLive.subscribe(check);
    check();
  });
}

/** Opens the sample with one click, and says at once that it does. */
export function SampleButton() {
  const [opening, setOpening] = useState(false);
  return (
    <Button
      disabled={opening}
      aria-busy={opening}
      onClick={async () => {
        setOpening(true);
        await openSample();
        setOpening(false);
      }}
    >
      {opening ? 'Opening the sample…' : 'Open the sample'}
    </Button>
  );
}
