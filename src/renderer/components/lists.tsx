/** Small lists: filters and tags that can be taken away, what colours mean, facts by name. */
import { type LucideIcon, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './Button.tsx';

interface ChipProps {
  icon?: LucideIcon;
  /** warning: it is to be noticed. line: a fact that stands by itself. ink: there is one such. */
  tone?: 'warning' | 'line' | 'ink' | 'accent';
  /** What it means, at the pointer. */
  title?: string;
  children: string;
}

/** A word that stands for something: a tag, a role. */
export function Chip({ icon, tone, title, children }: ChipProps) {
  return (
    <span className="chip" data-tone={tone} title={title}>
      {icon && <Icon of={icon} />}
      {children}
    </span>
  );
}

interface ChipsProps {
  label: string;
  /** Unique texts. */
  chips: readonly { text: string; remove(): void }[];
  /** What a chip is, to the words of its button: "Remove filter …". */
  noun: string;
}

export function Chips({ label, chips, noun }: ChipsProps) {
  return (
    <ul className="flex gap-1 wrap" aria-label={label}>
      {chips.map(({ text, remove }) => (
        <li key={text} className="chip">
          {text}
          <button
            type="button"
            className="bare grid muted"
            aria-label={`Remove ${noun} ${text}`}
            onClick={remove}
          >
            <Icon of={X} />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface LegendProps {
  label: string;
  className: string;
  entries: readonly { id: string; colour: string; label: ReactNode }[];
}

export function Legend({ label, className, entries }: LegendProps) {
  return (
    <ul className={className} aria-label={label}>
      {entries.map((entry) => (
        <li key={entry.id}>
          <span className="run-swatch" style={{ background: entry.colour }} aria-hidden="true" />
          {entry.label}
        </li>
      ))}
    </ul>
  );
}

export type Fact = readonly [name: string, value: ReactNode];

interface FactListProps {
  className?: string;
  /** Pixels of the names. */
  width: number;
  facts: readonly Fact[];
}

export function FactList({ className, width, facts }: FactListProps) {
  return (
    <dl className={className}>
      {facts.map(([name, value]) => (
        <div key={name} className="grid gap-2" style={{ gridTemplateColumns: `${width}px minmax(0, 1fr)` }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
