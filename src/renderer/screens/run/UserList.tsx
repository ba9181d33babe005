import { type KeyboardEvent, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { SearchField } from '../../components/controls.tsx';
import { Problem } from '../../components/Problem.tsx';
import { countText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';

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
  const request = useDebounced(search.trim(), TYPING_MS);
  const users = useKeptQuery(
    api.datasets.users.queryOptions({ input: { dataset, search: request, limit: SHOWN } }),
  );
  const matches = users.data ?? [];
  const at = matches.findIndex(({ id }) => id === user);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next =
      step === undefined ? undefined : matches[Math.max(0, Math.min(matches.length - 1, at + step))];
    if (next) onUser(next.id);
    else if (event.key !== 'Enter' || search.trim() === '') return;
    else onUser(search.trim());
    event.preventDefault();
  };
  return (
    <div className="user-list">
      <div className="user-search">
        <SearchField
          label="Search users"
          placeholder="User id"
          value={search}
          onValue={setSearch}
          onKeyDown={onKeyDown}
        />
        <Button
          aria-label="Random user"
          disabled={matches.length === 0}
          onClick={() => onUser(matches[Math.floor(Math.random() * matches.length)].id)}
        >
          Random
        </Button>
      </div>
      {users.error ? (
        <Problem query={users} />
      ) : (
        <div
          className="user-options"
          role="listbox"
          aria-label="Users"
          tabIndex={0}
          aria-activedescendant={at >= 0 ? `user-${at}` : undefined}
          onKeyDown={onKeyDown}
        >
          {matches.map(({ id, interactions }, index) => (
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
        {users.isPending
          ? 'Looking for users'
          : `${countText(matches.length, 'user')}, longest history first`}
      </p>
    </div>
  );
}
