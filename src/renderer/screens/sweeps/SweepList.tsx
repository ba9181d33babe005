import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle, settingTitle } from '../../../core/api/models.ts';
import { type StudyEntry, seedMeanText } from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { api } from '../../state/api.ts';
import { goTo, routeLink, useRoute } from '../../state/navigation.ts';
import { NewSweepDialog } from './NewSweepDialog.tsx';

const COLUMNS: Column<StudyEntry>[] = [
  column('name', 'Sweep', 'text', ({ name }) => name, {
    render: ({ id, name }) => <a href={routeLink('sweeps', [id])}>{name}</a>,
  }),
  column('model', 'Model', 'text', ({ spec }) => modelTitle(spec.model)),
  column('dataset', 'Data set', 'text', ({ spec }) => spec.dataset.name),
  column(
    'varied',
    'Varied',
    'text',
    ({ spec }) => spec.sweep?.vary.map(({ key }) => settingTitle(key)).join(', ') ?? '',
  ),
  column('done', 'Trials done', 'number', ({ done, cells }) => `${done} of ${cells}`),
  column('metric', 'Chosen by', 'text', ({ spec }) => metricLabel(metricOf(spec))),
  column('best', 'Best', 'number', ({ best, spec }) => seedMeanText(best?.value ?? null, metricOf(spec))),
  column('created', 'Created', 'time', ({ createdAt }) => createdAt),
];

const metricOf = ({ sweep }: StudyEntry['spec']) => sweep?.metric ?? '';

/** With a run in the address, a new sweep around its settings. */
export function SweepList() {
  const { data, error, refetch } = useQuery(api.studies.list.queryOptions({ input: { kind: 'sweep' } }));
  const run = useRoute((place) => place.query).get('run');
  const [creating, setCreating] = useState(false);
  const create: Action = {
    id: 'sweeps.new',
    label: 'New sweep',
    group: 'Run',
    keywords: 'hyper-parameters grid random search tune settings trials',
    perform: () => setCreating(true),
  };
  useRegisteredActions([create]);
  const button = (
    <ActionButton kind="primary" action={create}>
      New sweep
    </ActionButton>
  );
  const close = () => {
    setCreating(false);
    if (run !== null) goTo('sweeps');
  };
  return (
    <Screen title="Sweeps" actions={data && data.length > 0 && button}>
      {error && <Problem query={{ error, refetch }} />}
      {data?.length === 0 && (
        <EmptyState
          title="No sweeps yet"
          text="A sweep trains one model with several settings varied, in every combination or drawn at random, and shows which settings are best on the validation items."
        >
          {button}
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <div className="sweep-list">
          <Table label="Sweeps" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
        </div>
      )}
      {(creating || run !== null) && <NewSweepDialog run={run} onClose={close} />}
    </Screen>
  );
}
