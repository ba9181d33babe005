import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { TRASH_NOUNS, type TrashKind } from '../../core/api/trash.ts';
import { Button } from '../components/Button.tsx';
import { EmptyState } from '../components/Screen.tsx';
import { countText, timeText } from '../format/format.ts';
import { api } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';

interface EmptyListProps {
  kind: TrashKind;
  /** Of a list that never had anything. */
  title: string;
  text: string;
  /** How to get the first one. */
  children: ReactNode;
}

/** A list with nothing in it: there was nothing yet, or all of it is in the trash. */
export function EmptyList({ kind, title, text, children }: EmptyListProps) {
  const { data, isPending } = useQuery(api.trash.list.queryOptions());
  if (isPending) return null;
  const dates = data?.flatMap((item) => (item.kind === kind ? (item.purgedAt ?? Number.NaN) : [])) ?? [];
  if (dates.length === 0) {
    return (
      <EmptyState title={title} text={text}>
        <div className="row wrap">{children}</div>
      </EmptyState>
    );
  }
  const noun = TRASH_NOUNS[kind];
  return (
    <EmptyState
      title={
        dates.length === 1
          ? `The ${noun} is in the trash`
          : `All ${countText(dates.length, noun)} are in the trash`
      }
      text={`Restored as ${dates.length === 1 ? 'it was' : 'they were'} until ${timeText(Math.min(...dates)).slice(0, 10)}.`}
    >
      <div className="row wrap">
        <Button onClick={() => goTo('trash')}>Open trash</Button>
        {children}
      </div>
    </EmptyState>
  );
}
