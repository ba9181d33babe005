import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { ErrorBoundary } from './ErrorBoundary.tsx';

export interface Tab {
  id: string;
  title: string;
  content: ReactNode;
  /** Why there is nothing in it: it cannot be opened then. */
  nothing?: string;
}

export interface TabsProps {
  /** Accessible name for screen readers. */
  label: string;
  tabs: readonly Tab[];
  /** Where it is none of them, as in an address, the first is shown. */
  current: string;
  /** At the end of their line. */
  aside?: ReactNode;
  onChange(id: string): void;
}

/** Several views of one thing, one at a time; arrow keys move between their names. */
export function Tabs({ label, tabs, current, aside, onChange }: TabsProps) {
  const shown = tabs.some(({ id }) => id === current) ? current : tabs[0]?.id;
  return (
    <Radix.Root className="column shrinks flattens tall" value={shown} onValueChange={onChange}>
      <div className="flex wrap spread rigid line-below">
        <Radix.List className="tabs-list flex wrap" aria-label={label}>
          {tabs.map(({ id, title, nothing }) => (
            <Radix.Trigger
              key={id}
              value={id}
              className="tabs-tab bare rigid muted medium nowrap"
              disabled={nothing !== undefined}
              title={nothing}
              // Also of the tab that is shown: asked for, it stays.
              onClick={() => onChange(id)}
            >
              {title}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside && <div className="row inset">{aside}</div>}
      </div>
      {tabs.map(({ id, title, content }) => (
        <Radix.Content key={id} value={id} className="fill scrolls holds">
          <ErrorBoundary what={`in ${title}`}>{content}</ErrorBoundary>
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
