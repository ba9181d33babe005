import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { percentText, type StudyEntry } from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { sizesText, studyModels } from './messages.ts';
import { NewStudyDialog } from './NewStudyDialog.tsx';

const COLUMNS: Column<StudyEntry>[] = [
  column('name', 'Study', 'text', ({ name }) => name, {
    render: ({ id, name }) => <a href={routeLink('scaling', [id])}>{name}</a>,
  }),
  column('model', 'Model', 'text', ({ spec }) => studyModels(spec)),
  column('dataset', 'Data set', 'text', ({ spec }) => spec.dataset.name),
  column('sizes', 'Sizes', 'text', ({ spec }) => sizesText(spec)),
  column('shares', 'Users', 'text', ({ spec }) => spec.shares.map(percentText).join(', ')),
  column('done', 'Runs done', 'number', ({ done, cells }) => `${done} of ${cells}`),
  column('created', 'Created', 'time', ({ createdAt }) => createdAt),
];

export function StudyList() {
  const { data, error, refetch } = useQuery(api.studies.list.queryOptions({ input: { kind: 'study' } }));
  const [creating, setCreating] = useState(false);
  const create: Action = {
    id: 'scaling.new',
    label: 'New scaling study',
    group: 'Run',
    keywords: 'law parameters size',
    perform: () => setCreating(true),
  };
  useRegisteredActions([create]);
  return (
    <Screen
      title="Scaling"
      actions={
        data &&
        data.length > 0 && (
          <ActionButton kind="primary" action={create}>
            New study
          </ActionButton>
        )
      }
    >
      {error && <Problem query={{ error, refetch }} />}
      {data?.length === 0 && (
        <EmptyState
          title="No scaling studies yet"
          text="A study trains one model at several sizes and on several shares of the users, with everything else fixed, and fits the law that its loss follows; or several models as base and as Large, and tests whether they get better."
        >
          <ActionButton kind="primary" action={create}>
            New study
          </ActionButton>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <div className="scaling-list">
          <Table label="Scaling studies" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
        </div>
      )}
      {creating && <NewStudyDialog onClose={() => setCreating(false)} />}
    </Screen>
  );
}
