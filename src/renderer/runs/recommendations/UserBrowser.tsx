import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { UserOrder } from '../../../core/api/datasets.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { SearchField } from '../../components/controls.tsx';
import { Problem } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { countText, grouped } from '../../format/format.ts';
import { api, client, useKeptQuery } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import type { ShownRun } from './shown-runs.ts';

const SHOWN = 200;

const ORDERS: Record<UserOrder, { label: string; none: string }> = {
  longest: { label: 'Longest history', none: 'No user ID starts with this.' },
  shortest: { label: 'Shortest history', none: 'No user ID starts with this.' },
  random: { label: 'Random sample', none: 'No user ID starts with this.' },
  cold: { label: 'Cold held-out item', none: 'Every held-out item has five training interactions or more.' },
  difference: {
    label: 'Largest difference',
    none: 'No differences: both models rank every held-out item the same.',
  },
};

/** From the address; the default where it says nothing or nonsense. */
export function orderOf(text: string | undefined, runs: number): UserOrder {
  const first = runs < 2 ? 'longest' : 'difference';
  const order = (Object.keys(ORDERS) as UserOrder[]).find((known) => known === text) ?? first;
  return order === 'difference' ? first : order;
}

interface UserBrowserProps {
  dataset: string;
  runs: readonly ShownRun[];
  order: UserOrder;
  onOrder(order: UserOrder): void;
  user: string | null;
  onUser(user: string): void;
}

/** Users to pick from, by the beginning of their id or from the ends of an order; arrow keys go from one to the next. */
export function UserBrowser({ dataset, runs, order, onOrder, user, onUser }: UserBrowserProps) {
  const [search, setSearch] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const request = search.trim();
  const ids = runs.map(({ id }) => id);
  const users = useKeptQuery(
    api.datasets.users.queryOptions({ input: { dataset, search: request, order, runs: ids, limit: SHOWN } }),
  );
  const matches = users.data ?? [];
  const at = matches.findIndex(({ id }) => id === user);
  const [first] = matches;
  useEffect(() => {
    if (user === null && first) onUser(first.id);
  }, [user, first, onUser]);
  // Only another user or another list: else the reader is where the reader scrolled to.
  useEffect(() => {
    const place = users.data?.findIndex(({ id }) => id === user) ?? -1;
    list.current?.children[place]?.scrollIntoView({ block: 'nearest' });
  }, [user, users.data]);
  const go = (index: number) => {
    const next = matches[Math.max(0, Math.min(matches.length - 1, index))];
    if (next) onUser(next.id);
    return next !== undefined;
  };
  // Among all users, and not among those that the list begins with.
  const random = () =>
    void attempt('Could not pick a user', async () => {
      const [any] = await client.datasets.users({ dataset, order: 'random', limit: 1 });
      if (any) onUser(any.id);
    });
  const common = { group: 'Go', enabled: () => matches.length > 0 } as const;
  useRegisteredActions([
    { ...common, id: 'users.next', label: 'Next user', shortcut: 'j', perform: () => void go(at + 1) },
    {
      ...common,
      id: 'users.previous',
      label: 'Previous user',
      shortcut: 'k',
      perform: () => void go(at - 1),
    },
    { ...common, id: 'users.random', label: 'Random user', shortcut: 'u', perform: random },
    {
      id: 'users.search',
      label: 'Search users',
      group: 'Go',
      shortcut: '/',
      perform: () => field.current?.focus(),
    },
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const typed = field.current?.value.trim() ?? '';
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) go(at + step);
    else if (event.key === 'Enter' && typed !== '') onUser(typed);
    else return;
    event.preventDefault();
  };
  return (
    <div className="column flattens line-after">
      <div className="stack gap-1 small-inset">
        <div className="grid last-fits gap-1">
          <SearchField
            ref={field}
            label="Search users"
            placeholder="User id"
            value={search}
            onValue={setSearch}
            debounced
            onKeyDown={onKeyDown}
          />
          <Button aria-label="Random user" disabled={matches.length === 0} onClick={random}>
            Random
          </Button>
        </div>
        <Select
          aria-label="Which users come first"
          value={order}
          choices={(Object.keys(ORDERS) as UserOrder[]).map((value) => ({
            value,
            label: ORDERS[value].label,
            disabled: value === 'difference' && runs.length < 2,
          }))}
          onValue={onOrder}
        />
      </div>
      <div className="user-head row muted small" aria-hidden="true">
        <span>User</span>
        <span>Length</span>
        <RankHeads runs={runs} />
      </div>
      {users.error ? (
        <Problem query={users} />
      ) : (
        <div
          ref={list}
          className="fill scrolls"
          role="listbox"
          aria-label="Users"
          aria-busy={users.isPlaceholderData}
          tabIndex={0}
          aria-activedescendant={at >= 0 ? `user-${at}` : undefined}
          onKeyDown={onKeyDown}
        >
          {matches.map(({ id, interactions, ranks }, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keyboard
            <div
              key={id}
              id={`user-${index}`}
              className="user-option row"
              role="option"
              tabIndex={-1}
              aria-selected={id === user}
              onClick={() => onUser(id)}
            >
              <span className="clip">{id}</span>
              <span className="muted">{grouped(interactions)}</span>
              {runs.map((run, place) => (
                <span key={run.id} className="muted" title={`Rank by ${run.name}`}>
                  {rankText(ranks[place])}
                </span>
              ))}
            </div>
          ))}
        </div>
      )}
      <p className="muted small line-above small-inset">
        {users.isPending
          ? 'Searching…'
          : matches.length === 0
            ? ORDERS[order].none
            : `${countText(matches.length, 'user')}; number: rank of the held-out item`}
      </p>
    </div>
  );
}

function rankText(rank: number | null | undefined): string {
  return rank === null || rank === undefined ? '–' : grouped(rank);
}

/** A tile for each run, above the ranks it gives. */
function RankHeads({ runs }: { runs: readonly ShownRun[] }) {
  return runs.map(({ id, name, colour }) => (
    <span key={id} title={name}>
      <span className="run-swatch" style={{ background: colour }} />
    </span>
  ));
}
