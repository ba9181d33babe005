import { metricLabel } from '../../../core/api/metrics.ts';
import type { ExternalRun, RunPage } from '../../../core/api/runs.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { countText, grouped } from '../../format/format.ts';
import { Deviation } from './Deviation.tsx';
import { Measures, Noted } from './ResultsTab.tsx';
import { type Known, KnownFacts } from './StatedResults.tsx';

/** What was measured of the recommendations of another program, and what could be checked of them. */
export function ExternalResults({ run, page }: { run: ExternalRun; page: RunPage }) {
  const { listLength, missed } = run.result;
  return (
    <div className="run-columns run-results of-others view-inset wide-tables panels top">
      <section className="stack">
        <Measures run={run} />
        {Object.keys(run.stated).length > 0 && <StatedBeside run={run} />}
        {listLength !== null && (
          <p className="muted">
            A missing metric is not zero: the lists end at rank {grouped(listLength)}, and results beyond it
            are unknown. {grouped(missed)} targets are in no list and count as missed up to{' '}
            {grouped(listLength)}.
          </p>
        )}
      </section>
      <section className="stack">
        <Noted annotations={page.annotations} />
        <KnownFacts facts={factsOf(run)} />
      </section>
    </div>
  );
}

/** What its program found by itself, beside what was measured here: never ranked or tested. */
function StatedBeside({ run: { program, stated, metrics } }: { run: ExternalRun }) {
  const columns: Column<[name: string, value: number]>[] = [
    column('metric', 'Metric', 'text', ([name]) => metricLabel(name)),
    column('stated', 'Reported', 'metric', ([, value]) => value, 4),
    column('measured', 'Measured here', 'metric', ([name]) => metrics[name], 4),
    column('deviation', 'Difference', 'none', () => null, {
      render: ([name, value]) => name in metrics && <Deviation stated={value} measured={metrics[name]} />,
    }),
  ];
  return <Table title={`Reported by ${program}`} columns={columns} rows={Object.entries(stated)} />;
}

function factsOf({ program, model, dataset, seed, protocol, result }: ExternalRun): Known[] {
  const { file, testUsers, withoutList, listLength, withHistory, unknownItems, unknownUsers, doubledRows } =
    result;
  const own = protocol?.task === undefined ? protocol : null;
  const isSaid = (fact: 'split' | 'selection') => !result.unknown?.includes(fact);
  const strangers = [
    ...(unknownUsers > 0 ? [countText(unknownUsers, 'unknown user')] : []),
    ...(unknownItems > 0 ? [countText(unknownItems, 'unknown item')] : []),
    ...(doubledRows > 0 ? [countText(doubledRows, 'repeated row')] : []),
  ];
  return [
    { name: 'Data set', value: `${dataset.name}, ${strangers.join(', ') || 'all ids match'}`, checked: true },
    {
      name: 'Test users',
      value: `${grouped(testUsers - withoutList)} of ${grouped(testUsers)} have a list`,
      checked: true,
    },
    {
      name: 'Lists',
      value: listLength === null ? 'every candidate' : `the first ${countText(listLength, 'item')}`,
      checked: true,
    },
    {
      name: 'History filtered',
      value:
        withHistory === 0
          ? 'no list has an item of the history'
          : `${countText(withHistory, 'list')} with items of the history`,
      checked: true,
    },
    { name: 'File', value: file, checked: true },
    {
      name: 'Split',
      value: isSaid('split') ? (own?.split ?? null) : null,
      checked: result.manifest !== undefined,
    },
    { name: 'Epoch chosen by', value: isSaid('selection') ? (own?.selection ?? null) : null },
    { name: 'Tuned on', value: result.tuning ?? null },
    { name: 'Trained with', value: program },
    { name: 'Model', value: model },
    { name: 'Seed', value: seed === null ? null : String(seed) },
  ];
}
