import { useQuery } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { create } from 'zustand';
import { modelTitle } from '../../core/api/models.ts';
import { hasWords } from '../format/format.ts';
import { comparisonQuery } from '../runs/comparison-query.ts';
import { projectPlace, useProjects } from '../runs/projects.ts';
import { useSavedComparisons } from '../runs/saved-comparisons.ts';
import { goToSetting, SETTING_PLACES, type SettingPlace } from '../screens/settings/setting-places.ts';
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

/** All that can be done now, by name, and every run, project, data set, saved comparison and setting. */
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

interface Group {
  title: string;
  found: readonly Found[];
}

/** As many runs as are worth a look before another word is typed. */
const RUNS = 8;
const SETTLE_MS = 150;

/** What there is that has the words in what is known of it. */
function usePlaces(text: string): Group[] {
  const words = text.trim();
  const search = useDebounced(words, SETTLE_MS);
  const { data: runs } = useQuery({
    ...api.runs.table.queryOptions({ input: { search, archived: 'all', limit: RUNS } }),
    enabled: search !== '',
  });
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions());
  const projects = useProjects();
  const comparisons = useSavedComparisons();
  if (words === '') return [];
  const named = <T extends { name: string }>(all: readonly T[]) =>
    all.filter(({ name }) => hasWords(name, words));
  const settings = Object.keys(SETTING_PLACES) as SettingPlace[];
  return [
    {
      title: 'Projects',
      found: named(projects).map(({ id, name }) => ({
        id: `project ${id}`,
        label: name,
        perform: () => goTo(...projectPlace(id)),
      })),
    },
    {
      title: 'Data sets',
      found: named(datasets).map(({ id, name }) => ({
        id,
        label: name,
        perform: () => goTo('datasets', [name]),
      })),
    },
    {
      title: 'Comparisons',
      found: named(comparisons).map((one) => ({
        id: `comparison ${one.id}`,
        label: one.name,
        perform: () => goTo('compare', [], comparisonQuery(one)),
      })),
    },
    {
      title: 'Settings',
      found: settings
        .map((place) => ({ place, ...SETTING_PLACES[place] }))
        .filter(({ label, keywords }) => hasWords(`${label} settings ${keywords}`, words))
        .map(({ place, label }) => ({
          id: `setting ${place}`,
          label,
          perform: () => goToSetting(place),
        })),
    },
    {
      title: 'Runs',
      found: (runs?.rows ?? []).map(({ id, name, model, dataset }) => ({
        id,
        label: name,
        detail: `${modelTitle(model)} on ${dataset.name}`,
        perform: () => goTo('run', [id]),
      })),
    },
  ];
}

function PaletteList() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const places = usePlaces(text);
  const actions = useMemo(() => matching(currentActions(), text), [text]);
  const all: Group[] = [{ title: 'Commands', found: actions }, ...places];
  const groups = all.filter(({ found }) => found.length > 0);
  const matches = groups.flatMap(({ found }) => found);
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
        placeholder="Search commands, runs, projects, data sets and settings"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Commands" tabIndex={-1}>
        {groups.map(({ title, found }) => (
          <div key={title} role="group" aria-label={title}>
            {(groups.length > 1 || found !== actions) && (
              <p className="palette-group" aria-hidden="true">
                {title}
              </p>
            )}
            {found.map((action) => (
              <div
                key={action.id}
                id={`command-${action.id}`}
                className="menu-item"
                role="option"
                tabIndex={-1}
                aria-selected={action === matches[at]}
                ref={(element) => {
                  if (action === matches[at]) element?.scrollIntoView({ block: 'nearest' });
                }}
                onPointerMove={() => setAt(matches.indexOf(action))}
                onClick={() => perform(action)}
                onKeyDown={onKeyDown}
              >
                <span className="palette-label clip">{action.label}</span>
                <span className="muted">{action.detail}</span>
                {action.shortcut && <kbd>{shortcutLabel(action.shortcut)}</kbd>}
              </div>
            ))}
          </div>
        ))}
        {matches.length === 0 && <p className="muted menu-item">Nothing matches</p>}
      </div>
    </>
  );
}
