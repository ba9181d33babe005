import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { Problem } from '../../components/Problem.tsx';
import { countText } from '../../runs/changes.ts';
import { api } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';

const SHOWN = 200;
const TYPING_MS = 150;

interface UserListProps {
  dataset: string;
  user: string | null;
  onUser(user: string): void;
}

/** Users to pick from, by the beginning of their id; arrow keys go from one to the next. */
export function UserList({ dataset, user, onUser }: UserListProps) {
  const [search, setSearch] = useState('');
  const asked = useDebounced(search.trim(), TYPING_MS);
  const users = useQuery({
    ...api.datasets.users.queryOptions({ input: { dataset, search: asked, limit: SHOWN } }),
    placeholderData: keepPreviousData,
  });
  const found = users.data ?? [];
  const at = found.findIndex(({ id }) => id === user);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step === undefined ? undefined : found[Math.max(0, Math.min(found.length - 1, at + step))];
    if (next) onUser(next.id);
    else if (event.key !== 'Enter' || search.trim() === '') return;
    else onUser(search.trim());
    event.preventDefault();
  };
  return (
    <div className="user-list">
      <div className="user-search">
        <input
          className="input"
          type="search"
          aria-label="Search users"
          placeholder="User id"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button
          aria-label="Any user"
          disabled={found.length === 0}
          onClick={() => onUser(found[Math.floor(Math.random() * found.length)].id)}
        >
          Any
        </Button>
      </div>
      {users.error ? (
        <Problem error={users.error} onRetry={() => void users.refetch()} />
      ) : (
        <div
          className="user-options"
          role="listbox"
          aria-label="Users"
          tabIndex={0}
          aria-activedescendant={at >= 0 ? `user-${at}` : undefined}
          onKeyDown={onKeyDown}
        >
          {found.map(({ id, interactions }, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keyboard
            <div
              key={id}
              id={`user-${index}`}
              className="menu-item"
              role="option"
              tabIndex={-1}
              aria-selected={id === user}
              onClick={() => onUser(id)}
            >
              <span>{id}</span>
              <span className="muted">{interactions}</span>
            </div>
          ))}
        </div>
      )}
      <p className="muted user-foot">
        {users.isPending ? 'Looking for users' : `${countText(found.length, 'user')}, longest history first`}
      </p>
    </div>
  );
}
