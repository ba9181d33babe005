import { X } from 'lucide-react';
import type { Action } from '../../actions/action.ts';
import { shortcutLabel } from '../../actions/keys.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { grouped } from '../../format/format.ts';

interface SelectionBarProps {
  /** How many runs the selected rows stand for. */
  runs: number;
  /** How many more are selected that a filter hides. */
  hidden: number;
  /** The main one first, the one that is seldom meant last. */
  actions: readonly Action[];
  /** More rows that can be selected at once. */
  all?: { text: string; select(): void };
  onClear(): void;
}

/** What can be done with the selected rows, over the end of the table. */
export function SelectionBar({ runs, hidden, actions, all, onClear }: SelectionBarProps) {
  return (
    <div className="selection-bar row gap-1" role="toolbar" aria-label="Selected runs">
      <strong className="strong">
        {grouped(runs)} selected
        {hidden > 0 && (
          <span className="muted" title="Not shown here, and left out of every action">
            , {grouped(hidden)} hidden
          </span>
        )}
      </strong>
      {actions.map((action, at) => {
        const last = at === actions.length - 1;
        return (
          <ActionButton
            key={action.id}
            kind={at === 0 ? 'primary' : 'quiet'}
            action={action}
            data-narrow={action.id === 'runs.differences' ? 'menu' : undefined}
            aria-label={last ? action.short : undefined}
            title={last ? action.short : undefined}
          >
            {!last && (
              <>
                {action.short}
                <kbd>{shortcutLabel(action.shortcut ?? '')}</kbd>
              </>
            )}
          </ActionButton>
        );
      })}
      {all && (
        <Button kind="quiet" onClick={all.select}>
          {all.text}
        </Button>
      )}
      <Button
        icon={X}
        kind="quiet"
        aria-label="Clear the selection"
        title="Clear the selection"
        onClick={onClear}
      />
    </div>
  );
}
