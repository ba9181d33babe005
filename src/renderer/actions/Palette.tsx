import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { create } from 'zustand';
import { type Action, isEnabled } from './action.ts';
import { shortcutLabel } from './keys.ts';
import { currentActions } from './registry.ts';

export const usePalette = create<{ open: boolean }>(() => ({ open: false }));

/** Every word must occur somewhere in the action's words. */
function matching(actions: readonly Action[], text: string): Action[] {
  const words = text.toLowerCase().split(/\s+/);
  return actions.filter((action) => {
    const all = `${action.label} ${action.group} ${action.keywords ?? ''}`.toLowerCase();
    return isEnabled(action) && words.every((word) => all.includes(word));
  });
}

/** All that can be done now, by name. */
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

function PaletteList() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const matches = useMemo(() => matching(currentActions(), text), [text]);
  const perform = (action: Action | undefined) => {
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
        placeholder="Type a command"
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
            <span>{action.label}</span>
            {action.shortcut && <kbd>{shortcutLabel(action.shortcut)}</kbd>}
          </div>
        ))}
        {matches.length === 0 && <p className="muted menu-item">No command has these words</p>}
      </div>
    </>
  );
}
