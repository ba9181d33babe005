import type { ReactNode } from 'react';

interface EmptyStateProps {
  title: string;
  text?: ReactNode;
  /** What to do next. */
  children?: ReactNode;
}

/** Places of a few tiles that are there already. */
const TILES = Array.from({ length: 18 }, (_, place) => ({ place, filled: [3, 11, 12].includes(place) }));

/** Where there is nothing yet: says so, and what to do next. */
export function EmptyState({ title, text, children }: EmptyStateProps) {
  return (
    <div className="empty grid gap-2 packed at-start">
      <span className="empty-tiles grid" aria-hidden="true">
        {TILES.map(({ place, filled }) => (
          <i key={place} data-filled={filled || undefined} />
        ))}
      </span>
      <p className="title">{title}</p>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}
