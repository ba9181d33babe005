import { Hourglass } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import type { ImportState } from '../../core/api/datasets.ts';
import type { WorkState } from '../../core/api/work.ts';
import { Icon } from '../components/Button.tsx';
import { Working } from '../components/Progress.tsx';
import { shareDoneText } from '../format/format.ts';
import { ImportProgress } from '../screens/datasets/ImportProgress.tsx';
import { windowText } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { useLayer } from '../state/layers.ts';
import { goesOn, stopWork, useWork, WORK_WORDS, workPlace, workResult } from '../state/long-work.ts';
import { routeLink } from '../state/navigation.ts';
import { useNow } from '../state/now.ts';

/** Long work that goes on whatever is shown, and how it ended; nothing where there was none. */
export function WorkTray() {
  const works = useWork();
  const imports = Object.values(useLive((live) => live.imports));
  const [open, setOpen] = useState(false);
  useLayer(open);
  if (works.length + imports.length === 0) return null;
  const going = works.filter(goesOn).length + imports.filter(({ status }) => status === 'running').length;
  const words = going > 0 ? `${going} going on` : 'Ended work';
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button
          type="button"
          className="sidebar-link bare row rigid holds medium"
          title={words}
          aria-label={words}
        >
          <Icon of={Hourglass} />
          <span className="sidebar-word">{words}</span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover scrolls"
          style={{ width: 420, maxHeight: '70vh' }}
          side="right"
          align="end"
          aria-label="Long work"
        >
          <ul className="stack">
            {works.toReversed().map((state) => (
              <WorkRow key={state.id} state={state} />
            ))}
            {imports.toReversed().map((state) => (
              <ImportRow key={state.id} state={state} />
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What it is, how far, and how to stop it; or how it ended, and where that is. */
export function WorkRow({ state }: { state: WorkState }) {
  const { of, name, doing, fraction, since, status, problem } = state;
  const now = useNow();
  const [going, done] = WORK_WORDS[of];
  const place = workPlace(state);
  if (!goesOn(state)) {
    const title = status === 'completed' ? `${done} ${name}` : `${going} ${name}: ${status}`;
    return (
      <li className="grid">
        {place !== null && status === 'completed' ? <a href={place}>{title}</a> : <span>{title}</span>}
        <span className="muted">{problem ? windowText(problem) : workResult(state)}</span>
      </li>
    );
  }
  const share = fraction === null ? '' : `, ${shareDoneText(fraction, (now - since) / 1000)}`;
  return (
    <li>
      <Working
        label={`${going} ${name}`}
        fraction={fraction ?? 0}
        detail={`${doing}${share}`}
        cancel="Stop"
        onCancel={() => stopWork(state)}
      />
    </li>
  );
}

function ImportRow({ state }: { state: ImportState }) {
  const { name, status, dataset, problem } = state;
  if (status === 'running')
    return (
      <li>
        <ImportProgress state={state} />
      </li>
    );
  return (
    <li className="grid">
      {dataset === null ? (
        <span>{`Import of ${name}: ${status}`}</span>
      ) : (
        <a href={routeLink('datasets', [dataset])}>{`Imported ${name}`}</a>
      )}
      {problem && <span className="muted">{windowText(problem)}</span>}
    </li>
  );
}
