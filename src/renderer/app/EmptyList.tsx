import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type RowKind, TRASH_NOUNS } from '../../core/api/trash.ts';
import { Button } from '../components/Button.tsx';
import { EmptyState } from '../components/Screen.tsx';
import { countText, timeText } from '../format/format.ts';
import { api } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';

interface EmptyListProps {
  kind: RowKind;
  /** Of a list that never had anything. */
  title: string;
  text: string;
  /** How to get the first one. */
  children: ReactNode;
}

/** A list with nothing in it: there was nothing yet, or all of it is in the trash. */
export function EmptyList({ kind, title, text, children }: EmptyListProps) {
  const { data, isPending } = useQuery(api.trash.kept.queryOptions({ input: { kind } }));
  if (isPending) return null;
  const { count = 0, purgedAt = null } = data ?? {};
  if (purgedAt === null) {
    return (
      <EmptyState title={title} text={text}>
        <div className="row wrap">{children}</div>
      </EmptyState>
    );
  }
  const noun = TRASH_NOUNS[kind];
  return (
    <EmptyState
      title={count === 1 ? `The ${noun} is in the trash` : `All ${countText(count, noun)} are in the trash`}
      text={`Restored as ${count === 1 ? 'it was' : 'they were'} until ${timeText(purgedAt).slice(0, 10)}.`}
    >
      <div className="row wrap">
        <Button onClick={() => goTo('trash')}>Open trash</Button>
        {children}
      </div>
    </EmptyState>
  );
}
