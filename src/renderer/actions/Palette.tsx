import { useQuery } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { create } from 'zustand';
import { hasWords } from '../format/format.ts';
import { modelTitle } from '../format/model-titles.ts';
import { comparisonQuery } from '../runs/comparison-query.ts';
import { projectPlace, useProjects } from '../runs/projects.ts';
import { useSavedComparisons } from '../runs/saved-comparisons.ts';
import { api } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { goTo } from '../state/navigation.ts';
import { type Action, isEnabled } from './action.ts';
import { shortcutLabel } from './keys.ts';
import { currentActions } from './registry.ts';

export const usePalette = create<{ open: boolean }>(() => ({ open: false }));

function matching(actions: readonly Action[], search: string): Action[] {
  return actions.filter((action) => {
    const { label, group, keywords = '' } = action;
    return isEnabled(action) && hasWords(`${label} ${group} ${keywords}`, search);
  });
}

/** All that can be done now, by name, and every run, project, data set and saved comparison. */
export function Palette() {
  const { open } = usePalette();
  return (
    <Dialog.Root open={open} onOpenChange={(value) => usePalette.setState({ open: value })}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Commands</Dialog.Title>
          <PaletteList />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A command, or a place to go to. */
type Found = Pick<Action, 'id' | 'label' | 'shortcut' | 'perform'> & { detail?: string };

/** As many runs as are worth a look before another word is typed. */
const RUNS = 8;
const SETTLE_MS = 150;

/** What there is that has the words in what is known of it. */
function usePlaces(text: string): Found[] {
  const words = text.trim();
  const search = useDebounced(words, SETTLE_MS);
  const { data: runs } = useQuery({
    ...api.runs.table.queryOptions({ input: { search, archived: 'all', limit: RUNS } }),
    enabled: search !== '',
  });
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const projects = useProjects();
  const [comparisons] = useSavedComparisons();
  if (words === '') return [];
  const named = <T extends { name: string }>(all: readonly T[]) =>
    all.filter(({ name }) => hasWords(name, words));
  return [
    ...named(projects).map(
      ({ id, name }): Found => ({
        id: `project ${id}`,
        label: name,
        detail: 'Project',
        perform: () => goTo(...projectPlace(id)),
      }),
    ),
    ...named(datasets).map(
      ({ id, name }): Found => ({
        id,
        label: name,
        detail: 'Data set',
        perform: () => goTo('datasets', [name]),
      }),
    ),
    ...named(comparisons).map(
      (one): Found => ({
        id: `comparison ${one.name}`,
        label: one.name,
        detail: 'Comparison',
        perform: () => goTo('compare', [], comparisonQuery(one)),
      }),
    ),
    ...(runs?.rows ?? []).map(
      ({ id, name, model, dataset }): Found => ({
        id,
        label: name,
        detail: `${modelTitle(model)} on ${dataset.name}`,
        perform: () => goTo('run', [id]),
      }),
    ),
  ];
}

function PaletteList() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const places = usePlaces(text);
  const actions = useMemo(() => matching(currentActions(), text), [text]);
  const matches: readonly Found[] = [...actions, ...places];
  const perform = (action: Found | undefined) => {
    if (!action) return;
    usePalette.setState({ open: false });
    void action.perform();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setAt((matches.length + at + step) % Math.max(1, matches.length));
    else if (event.key === 'Enter') perform(matches[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={matches[at] ? `command-${matches[at].id}` : undefined}
        placeholder="Search commands, runs, projects and data sets"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Commands" tabIndex={-1}>
        {matches.map((action, index) => (
          <div
            key={action.id}
            id={`command-${action.id}`}
            className="menu-item"
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: 'nearest' });
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => perform(action)}
            onKeyDown={onKeyDown}
          >
            <span className="palette-label clip">{action.label}</span>
            <span className="muted">{action.detail}</span>
            {action.shortcut && <kbd>{shortcutLabel(action.shortcut)}</kbd>}
          </div>
        ))}
        {matches.length === 0 && <p className="muted menu-item">Nothing matches</p>}
      </div>
    </>
  );
}
