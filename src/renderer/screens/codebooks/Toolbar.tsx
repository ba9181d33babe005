import { Pause, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { TokeniserEntry } from '../../../core/api/codebooks.ts';
import { Button } from '../../components/Button.tsx';
import { Select } from '../../components/controls.tsx';
import { useTransientView, useWorkbench } from './workbench.ts';

const PLAY_MS = 700;
const NO_CATEGORY = '';

/** What all views are about: the tokeniser, the categories, and the moment of its training. */
export function Toolbar({ runs }: { runs: readonly TokeniserEntry[] }) {
  const { facts, place, change, category } = useWorkbench();
  return (
    <div className="toolbar codebook-toolbar line-below">
      <span className="toolbar-item middle gap-2 muted">
        Tokeniser
        <Select
          aria-label="Tokeniser"
          value={facts.run}
          choices={runs.map(({ run, name, dataset }) => ({ value: run, label: `${name} · ${dataset.name}` }))}
          onValue={(run) =>
            change({ run, pattern: [], item: null, category: undefined, other: null, user: null })
          }
        />
      </span>
      {facts.columns.length > 0 && (
        <span className="toolbar-item middle gap-2 muted">
          Categories
          <Select
            aria-label="Categories"
            value={category?.column ?? NO_CATEGORY}
            choices={[
              ...facts.columns.map(({ name }) => ({ value: name, label: name })),
              { value: NO_CATEGORY, label: 'None' },
            ]}
            onValue={(column) => change({ category: choiceOf(facts, column) })}
          />
        </span>
      )}
      {category && depthOf(facts, category.column) > 1 && (
        <span className="toolbar-item middle gap-2 muted">
          Depth
          <Select
            aria-label="Depth of the categories"
            value={String(category.depth)}
            choices={Array.from({ length: depthOf(facts, category.column) }, (_, at) => ({
              value: String(at + 1),
              label: String(at + 1),
            }))}
            onValue={(depth) => change({ category: { ...category, depth: Number(depth) } })}
          />
        </span>
      )}
      {facts.snapshots.length > 1 && place.view !== 'tokenisers' && <Snapshots />}
    </div>
  );
}

type Columns = Pick<ReturnType<typeof useWorkbench>['facts'], 'columns' | 'category'>;

const depthOf = ({ columns }: Columns, name: string) =>
  columns.find((column) => column.name === name)?.depth ?? 1;

function choiceOf(facts: Columns, column: string) {
  if (column === NO_CATEGORY) return null;
  return column === facts.category?.column ? facts.category : { column, depth: 1 };
}

/** The slider over the snapshots of a training; it plays them, too. */
function Snapshots() {
  const { facts, view } = useWorkbench();
  const { snapshots, selected } = facts;
  const [playing, setPlaying] = useState(false);
  const step = view.step ?? selected;
  const at = Math.max(
    0,
    snapshots.findIndex((snapshot) => snapshot.step === step),
  );
  const show = (place: number) =>
    useTransientView.setState((transient) => ({
      run: facts.run,
      step: snapshots[place].step,
      lasso: transient.run === facts.run ? transient.lasso : null,
    }));
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (at + 1 < snapshots.length) show(at + 1);
      else setPlaying(false);
    }, PLAY_MS);
    return () => clearTimeout(timer);
  });
  const play = () => {
    if (!playing && at + 1 === snapshots.length) show(0);
    setPlaying(!playing);
  };
  return (
    <div className="codebook-snapshots row push">
      <Button icon={playing ? Pause : Play} kind="quiet" onClick={play}>
        {playing ? 'Pause' : 'Play'}
      </Button>
      <input
        type="range"
        aria-label="Snapshot"
        aria-valuetext={`step ${step}`}
        min={0}
        max={snapshots.length - 1}
        value={at}
        onChange={(event) => {
          setPlaying(false);
          show(Number(event.target.value));
        }}
      />
      <span style={{ minWidth: 128 }}>
        Step {step}
        {step === selected && <span className="muted"> · chosen</span>}
      </span>
    </div>
  );
}
