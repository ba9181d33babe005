import { useQuery } from '@tanstack/react-query';
import type { StudyEntry } from '../../core/api/studies.ts';
import type { Action } from '../actions/action.ts';
import { useRegisteredActions } from '../actions/registry.ts';
import { EmptyList } from '../app/EmptyList.tsx';
import { ActionButton } from '../components/Button.tsx';
import { type Column, column } from '../components/columns.ts';
import { Screen } from '../components/Screen.tsx';
import { Table } from '../components/Table.tsx';
import { openNewRun } from '../new-run/new-run.ts';
import { api } from '../state/api.ts';
import { routeLink } from '../state/navigation.ts';
import './studies.css';
import type { StudyWords } from './words.ts';

interface StudyListProps {
  words: StudyWords;
  /** Between the name and the time of creation. */
  columns: readonly Column<StudyEntry>[];
}

/** All studies of a kind, newest first. */
export function StudyList({ words, columns }: StudyListProps) {
  const { kind, screen, title, create: label, keywords, varies, empty } = words;
  const query = useQuery(api.studies.list.queryOptions({ input: { kind } }));
  const { data } = query;
  const create: Action = {
    ...{ id: `${screen}.new`, label, short: `New ${words.noun}`, group: 'Run', keywords },
    perform: () => openNewRun({ varies }),
  };
  useRegisteredActions([create]);
  const button = <ActionButton kind="primary" action={create} />;
  return (
    <Screen title={title} actions={data && data.length > 0 && button}>
      {data?.length === 0 ? (
        <EmptyList kind={kind} {...empty}>
          {button}
        </EmptyList>
      ) : (
        <div className="study-list wide-tables">
          <Table label={title} columns={[nameColumn(words), ...columns, created]} rows={data} query={query} />
        </div>
      )}
    </Screen>
  );
}

const nameColumn = ({ noun, screen }: StudyWords): Column<StudyEntry> =>
  column('name', noun === 'sweep' ? 'Sweep' : 'Study', 'text', ({ name }) => name, {
    render: ({ id, name }) => <a href={routeLink(screen, [id])}>{name}</a>,
  });

const created: Column<StudyEntry> = column('created', 'Created', 'time', ({ createdAt }) => createdAt);
