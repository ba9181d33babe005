import { Pause, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { TokeniserEntry } from '../../../core/api/codebooks.ts';
import { nameAlone } from '../../../core/api/runs.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { Select } from '../../components/Select.tsx';
import { useTransientView, useWorkbench } from './workbench.ts';

const PLAY_MS = 700;

/** With its data set, which its own name may not tell. */
function entryText(entry: TokeniserEntry): string {
  const name = nameAlone(entry);
  return name === entry.name ? `${name} · ${entry.dataset.name}` : name;
}

/** Which tokeniser all views are of. */
export function TokeniserChoice({ runs }: { runs: readonly TokeniserEntry[] }) {
  const { facts, change } = useWorkbench();
  return (
    <span className="code-tokeniser shrinks">
      <Select
        aria-label="Tokeniser"
        value={facts.run}
        choices={runs.map((entry) => ({ value: entry.run, label: entryText(entry) }))}
        onValue={(run) =>
          change({ run, pattern: [], item: null, category: undefined, other: null, user: null })
        }
      />
    </span>
  );
}

/** Shows a saved state in every view. */
export function showStep(run: string, step: number): void {
  useTransientView.setState({ run, step });
}

/** The slider over the snapshots of a training; it plays them, too. */
export function Snapshots() {
  const { facts, view } = useWorkbench();
  const { snapshots, selected } = facts;
  const [playing, setPlaying] = useState(false);
  const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const step = view.step ?? selected;
  const at = Math.max(
    0,
    snapshots.findIndex((snapshot) => snapshot.step === step),
  );
  const show = (place: number) => showStep(facts.run, snapshots[place].step);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (at + 1 < snapshots.length) show(at + 1);
      else setPlaying(false);
    }, PLAY_MS);
    return () => clearTimeout(timer);
  });
  useRegisteredActions([
    {
      ...{ id: 'codebooks.play', label: 'Play the training', group: 'View', shortcut: ' ' },
      // Where something else has the focus, the key is its own.
      enabled: () => !document.activeElement?.closest('button, a, input, select, [tabindex="0"]'),
      perform: () => play(),
    },
  ]);
  const play = () => {
    if (isStill) {
      show((at + 1) % snapshots.length);
      return;
    }
    if (!playing && at + 1 === snapshots.length) show(0);
    setPlaying(!playing);
  };
  return (
    <div className="row push">
      <Button icon={playing ? Pause : Play} kind="quiet" onClick={play}>
        {isStill ? 'Next' : playing ? 'Pause' : 'Play'} <kbd>Space</kbd>
      </Button>
      <input
        type="range"
        aria-label="Snapshot"
        aria-valuetext={`iteration ${snapshots[at].epoch}`}
        min={0}
        max={snapshots.length - 1}
        value={at}
        onChange={(event) => {
          setPlaying(false);
          show(Number(event.target.value));
        }}
      />
      <span style={{ minWidth: 128 }}>
        Iteration {snapshots[at].epoch} <span className="muted">of {snapshots.at(-1)?.epoch}</span>
        {step === selected && <span className="muted"> · chosen</span>}
      </span>
    </div>
  );
}
