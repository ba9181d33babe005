import type { ReactNode } from 'react';
import { Button } from '../../components/Button.tsx';
import { Answer } from '../../components/Screen.tsx';
import { countText, idText } from '../../format/format.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { trimmed } from './codebook-route.ts';
import { isNarrowed, useWorkbench } from './workbench.ts';

/** A view of what is selected, below what that is; it is given the names of the categories. */
export function Narrowed({ children }: { children(categories: readonly string[]): ReactNode }) {
  const { selected } = useWorkbench();
  const strips = useKeptQuery(api.codebooks.strips.queryOptions({ input: selected }));
  return (
    <div className="column tall">
      <Breadcrumb items={strips.data?.items ?? null} interactions={strips.data?.interactions ?? null} />
      <div className="fill scrolls holds">
        <Answer query={strips}>{({ categories }) => children(categories)}</Answer>
      </div>
    </div>
  );
}

/** What is selected, code by code: each leads back to itself. */
function Breadcrumb({ items, interactions }: { items: number | null; interactions: number | null }) {
  const workbench = useWorkbench();
  const { place, select, clear, facts } = workbench;
  return (
    <nav className="codebook-crumbs row gap-tile line-below surface" aria-label="Selection">
      <Button kind="quiet" data-size="small" aria-label="All items" onClick={clear}>
        All
      </Button>
      {place.pattern.map((code, level) => (
        <Button
          // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
          key={level}
          kind="quiet"
          data-size="small"
          aria-label={code === null ? `any code at level ${level + 1}` : `code ${code} at level ${level + 1}`}
          onClick={() => select(trimmed(place.pattern.slice(0, level + 1)))}
        >
          <span className="strong">{idText([code])}</span>
        </Button>
      ))}
      <span className="muted small-inset" role="status">
        {items !== null &&
          `${countText(items, 'item')} (${share(items, facts.withId)}), ${countText(interactions ?? 0, 'interaction')}`}
      </span>
      {isNarrowed(workbench) && (
        <Button kind="quiet" data-size="small" className="gap-2 push" onClick={clear}>
          Clear <kbd>Esc</kbd>
        </Button>
      )}
    </nav>
  );
}

function share(part: number, all: number): string {
  const percent = all > 0 ? (100 * part) / all : 0;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toPrecision(2)} %`;
}
