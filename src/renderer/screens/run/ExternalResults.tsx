import { useQuery } from '@tanstack/react-query';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import type { ExternalRun, RunPage } from '../../../core/api/runs.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { countText, fixed, grouped, rangeText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { byPlace, Noted } from './ResultsTab.tsx';
import { type Known, KnownFacts } from './StatedResults.tsx';

/** What was measured of the recommendations of another program, and what could be checked of them. */
export function ExternalResults({ run, page }: { run: ExternalRun; page: RunPage }) {
  const { listLength, missed } = run.result;
  return (
    <div className="run-columns run-results of-others view-inset wide-tables panels top">
      <section className="stack">
        <MeasuredBeside run={run} />
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

/** What was measured here with its intervals, beside what its program found by itself, which is never ranked or tested. */
function MeasuredBeside({ run: { id, stated, metrics, result } }: { run: ExternalRun }) {
  const { data: intervals = {} } = useQuery(api.compare.intervals.queryOptions({ input: { run: id } }));
  const unknown = result.listLength === null ? '–' : `top ${grouped(result.listLength)} only`;
  const columns: Column<string>[] = [
    column('metric', 'Metric', 'text', metricLabel),
    column('measured', 'Measured here', 'metric', (name) => metrics[name], {
      text: (name) => (name in metrics ? fixed(metrics[name], metricDecimals(name)) : unknown),
    }),
    column('interval', '95 % interval', 'interval', (name) => intervals[name], {
      text: (name) => rangeText(intervals[name]),
    }),
    column('stated', 'Reported', 'metric', (name) => stated[name], metricDecimals),
  ];
  return (
    <Table title="Metrics" columns={columns} rows={Object.keys({ ...metrics, ...stated }).sort(byPlace)} />
  );
}

function factsOf({ program, model, dataset, seed, protocol, result }: ExternalRun): Known[] {
  const { file, testUsers, withoutList, listLength, withHistory, unknownItems, unknownUsers, doubledRows } =
    result;
  const own = protocol?.task === undefined ? protocol : null;
  const isSaid = (fact: 'split' | 'selection') => !result.unknown?.includes(fact);
  const counts = { 'unknown user': unknownUsers, 'unknown item': unknownItems, 'repeated row': doubledRows };
  const strangers = Object.entries(counts).flatMap(([of, count]) =>
    count > 0 ? [countText(count, of)] : [],
  );
  const withList = testUsers - withoutList;
  return [
    ['Data set', `${dataset.name}, ${strangers.join(', ') || 'all ids match'}`, true],
    ['Test users', `${grouped(withList)} of ${grouped(testUsers)} have a list`, true],
    ['Lists', listLength === null ? 'every candidate' : `the first ${countText(listLength, 'item')}`, true],
    [
      'History filtered',
      withHistory === 0
        ? 'no list has an item of the history'
        : `${countText(withHistory, 'list')} with items of the history`,
      true,
    ],
    ['File', file, true],
    ['Split', isSaid('split') ? (own?.split ?? null) : null, result.manifest !== undefined],
    ['Epoch chosen by', isSaid('selection') ? (own?.selection ?? null) : null],
    ['Tuned on', result.tuning ?? null],
    ['Trained with', program],
    ['Model', model],
    ['Seed', seed === null ? null : String(seed)],
  ];
}
