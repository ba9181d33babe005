import { type KeyboardEvent, useRef } from 'react';
import { z } from 'zod';
import { keepDraft, keptDraft } from '../state/drafts.ts';

export interface InlineNameProps {
  /** What has the name: what is typed is kept under it through a reload. */
  of: string;
  name: string;
  label: string;
  /** Whether it may be emptied; the new name is then "". */
  clears?: boolean;
  /** Called once, with the new name, or null where it stays. */
  onDone(name: string | null): void;
}

/** A name that is being changed where it stands: Enter keeps it, Escape does not, leaving keeps it. */
export function InlineName({ of, name, label, clears = false, onDone }: InlineNameProps) {
  const done = useRef(false);
  const key = `name ${of}`;
  const end = (text: string | null) => {
    if (done.current) return;
    done.current = true;
    keepDraft(key, undefined);
    const changed = text?.trim() ?? '';
    onDone((changed === '' && !clears) || changed === name ? null : changed);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    // Enter that ends a composed character is text.
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) end(event.currentTarget.value);
    else if (event.key === 'Escape') end(null);
  };
  return (
    <input
      className="input inline-name wide"
      aria-label={label}
      // biome-ignore lint/a11y/noAutofocus: the user has just asked to type here
      autoFocus
      maxLength={200}
      defaultValue={keptDraft(key, z.string()) ?? name}
      onChange={(event) => keepDraft(key, event.target.value)}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
