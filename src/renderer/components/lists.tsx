/** Small lists: filters and tags that can be taken away, what colours mean, facts by name. */
import { type LucideIcon, X } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import { Icon } from './Button.tsx';
import { meaningOf } from './meaning.ts';

interface ChipProps {
  icon?: LucideIcon;
  /** warning: it is to be noticed. line: a fact that stands by itself. ink: there is one such. */
  tone?: 'warning' | 'line' | 'ink' | 'accent';
  /** At the pointer. Default: what the word means. */
  title?: string;
  children: string;
}

/** A word that stands for something: a tag, a role. */
export function Chip({ icon, tone, title, children }: ChipProps) {
  return (
    <span className="chip" data-tone={tone} title={title ?? meaningOf(children)}>
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

interface TilesProps {
  filled: number;
  /** With the empty ones. Default: none of them. */
  of?: number;
  /** The place of one that is set off. */
  marked?: number;
  colour: string | undefined;
  className?: string;
}

/** Squares in a row, the first of them filled. */
export function Tiles({ filled, of = filled, marked, colour, className = 'gap-tile' }: TilesProps) {
  const style = { '--tile': colour } as CSSProperties;
  return (
    <span className={`tiles flex ${className}`} style={style} aria-hidden="true">
      {Array.from({ length: of }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place
        <i key={at} data-filled={at < filled || undefined} data-marked={at === marked || undefined} />
      ))}
    </span>
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
