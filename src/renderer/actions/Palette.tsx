import { Pause, Plus, Scale, Search, SquareArrowOutUpRight } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useState } from 'react';
import { create } from 'zustand';
import type { RunTableRow } from '../../core/api/runs.ts';
import { Icon } from '../components/Button.tsx';
import { ListRows } from '../components/ListRows.tsx';
import { listStep } from '../components/list-keys.ts';
import { openNewRun } from '../new-run/new-run.ts';
import { compareRuns } from '../runs/changes.ts';
import { pauseRun } from '../runs/QueueButtons.tsx';
import { RunStatus } from '../runs/RunStatus.tsx';
import { RunTile } from '../runs/RunTile.tsx';
import { useLayer } from '../state/layers.ts';
import { shortcutLabel } from './keys.ts';
import { PalettePreview } from './PalettePreview.tsx';
import {
  type Found,
  type FoundGroup,
  found,
  openRow,
  useAddToComparison,
  useFoundGroups,
} from './palette-groups.ts';
import { matchParts, rowTitle } from './palette-runs.ts';

export const usePalette = create<{ open: boolean }>(() => ({ open: false }));

const close = () => usePalette.setState({ open: false });

/** All that can be done now, by name, and every run, project, data set, saved comparison and setting. */
export function Palette() {
  const { open } = usePalette();
  const leave = useLayer(open);
  return (
    <Dialog.Root open={open} onOpenChange={(value) => usePalette.setState({ open: value })}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content
          className="dialog palette column"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            leave();
          }}
        >
          <Dialog.Title className="visually-hidden">Commands</Dialog.Title>
          <PaletteList />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [all, setAll] = useState(false);
  /** The run whose actions are shown. */
  const [row, setRow] = useState<RunTableRow | null>(null);
  const addToComparison = useAddToComparison();
  const type = (typed: string) => {
    setText(typed);
    setAt(0);
    setAll(false);
    setRow(null);
  };
  const groupsFound = useFoundGroups(text, all, () => setAll(true), type);
  const groups: readonly FoundGroup[] = row
    ? [{ title: rowTitle(row), found: rowActions(row, addToComparison) }]
    : groupsFound.groups;
  const matches = groups.flatMap((group) => group.found);
  const current: Found | undefined = matches[at];
  const perform = (one: Found | undefined) => {
    if (!one) return;
    if (!one.stays) close();
    void one.perform();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = listStep(event, at, matches.length);
    if (next !== null) setAt(next);
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      if (!event.repeat && current?.row && (event.ctrlKey || event.metaKey)) {
        close();
        addToComparison(current.row);
      } else if (!event.repeat) perform(current);
    } else if (event.key === 'Tab' && !event.shiftKey && current?.row) {
      setRow(current.row);
      setAt(0);
    } else if (event.key === 'Escape' && row) {
      setRow(null);
      setAt(0);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  const previewed = row ?? current?.row;
  const preview = previewed && !previewed.study ? previewed : null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the field, wherever in the palette they are pressed
    <div className="column fill" onKeyDown={onKeyDown}>
      <div className="flex gap-3 middle rigid line-below bar-inset">
        <Icon of={Search} />
        <input
          className="palette-input bare grow"
          role="combobox"
          aria-label="Command"
          aria-expanded="true"
          aria-controls="palette"
          aria-activedescendant={current ? `palette-${at}` : undefined}
          placeholder="Search commands, runs, projects, data sets and settings"
          value={text}
          onChange={(event) => type(event.target.value)}
        />
      </div>
      <div className="fill flex">
        <ListRows
          id="palette"
          label="Commands"
          groups={groups.map(({ title, found: members }) => ({
            title,
            rows: members.map((one) => ({
              id: one.id,
              content: <PaletteRow one={one} search={groupsFound.search} />,
            })),
          }))}
          at={at}
          onPoint={setAt}
          onChoose={({ id }) => perform(matches.find((one) => one.id === id))}
        />
        {preview && <PalettePreview key={preview.id} row={preview} />}
      </div>
      <Hints />
    </div>
  );
}

/** What the keys do. */
function Hints() {
  return (
    <p className="flex gap-4 rigid small muted line-above bar-inset" aria-hidden="true">
      <span>
        <kbd>↑</kbd> <kbd>↓</kbd> Move
      </span>
      <span>
        <kbd>↵</kbd> Open
      </span>
      <span>
        <kbd>{shortcutLabel('Mod+↵')}</kbd> Add to comparison
      </span>
      <span>
        <kbd>Tab</kbd> More actions
      </span>
      <span className="push">
        Type <kbd>&gt;</kbd> actions <kbd>#</kbd> tags <kbd>@</kbd> data sets
      </span>
    </p>
  );
}

/** What can be done with a run, or with the runs that differ in their seed. */
function rowActions(row: RunTableRow, addToComparison: (row: RunTableRow) => void): Found[] {
  const { kind, model, dataset, runs } = row;
  const training = runs.find(({ status }) => status === 'running');
  const compareSeeds = () => compareRuns(runs.map(({ id }) => id));
  const again = () => openNewRun({ model: model ?? undefined, dataset: dataset?.name });
  return [
    found('open', 'Open', SquareArrowOutUpRight, () => openRow(row)),
    found('add', 'Add to comparison', Scale, () => addToComparison(row)),
    ...(runs.length > 1 ? [found('seeds', 'Compare its seeds', Scale, compareSeeds)] : []),
    ...(kind === 'own' ? [found('new', 'New run of its model', Plus, again)] : []),
    ...(training && kind === 'own' ? [found('pause', 'Pause', Pause, () => void pauseRun(training))] : []),
  ];
}

/** Its tile or icon, its name with what matches, where it is, and how good it is or its key. */
function PaletteRow({ one, search }: { one: Found; search: string }) {
  const { label, context, row, icon, value, spread, shortcut } = one;
  return (
    <>
      <span className="row rigid muted" style={{ width: 16, justifyContent: 'center' }}>
        {icon ? <Icon of={icon} /> : row && <RunTile model={row.model} />}
      </span>
      <span className="clip">
        {matchParts(label, search).map(({ text, matches }, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a label have no other name
          matches ? <b key={at}>{text}</b> : text,
        )}
      </span>
      <span className="clip grow small muted">{context}</span>
      {row?.status === 'running' && !row.study ? (
        <RunStatus status="running" run={row.id} message={null} />
      ) : (
        value && (
          <>
            <strong>{value}</strong>
            <span className="rigid small muted" style={{ width: 60 }}>
              {spread}
            </span>
          </>
        )
      )}
      {shortcut && <kbd>{shortcutLabel(shortcut)}</kbd>}
    </>
  );
}
