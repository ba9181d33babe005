import { Fragment, useMemo } from 'react';
import { metricDecimals, metricLabel, metricsUsed, statedSample } from '../../../core/api/metrics.ts';
import { copiesState, modelTitle, settingTitle } from '../../../core/api/models.ts';
import {
  type MeasuredRun,
  type OwnRun,
  type RunPage,
  type RunRecord,
  versionText,
} from '../../../core/api/runs.ts';
import { type Column, column } from '../../components/columns.ts';
import { LinkedText } from '../../components/LinkedText.tsx';
import { type Fact, FactList } from '../../components/lists.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { bytesText, durationText, grouped, timeText } from '../../format/format.ts';

/** The final metrics, and the circumstances of the run. */
export function ResultsTab({ run, page: { annotations, attempts } }: { run: OwnRun; page: RunPage }) {
  return (
    <div className="run-columns run-results view-inset wide-tables panels top">
      <section className="stack">
        <Measures run={run} />
      </section>
      <section className="stack">
        <Noted annotations={annotations} />
        {factGroups(run, versionText(run, attempts)).map(([title, facts]) => (
          <Fragment key={title}>
            <h2>{title}</h2>
            <FactList className="facts" width={172} facts={facts} />
          </Fragment>
        ))}
      </section>
    </div>
  );
}

/** A measure a row, with cut-offs side by side. */
function Measures({ run }: { run: MeasuredRun }) {
  const table = useMemo(() => measureTable(run), [run]);
  const columns: Column<MeasureRow>[] = [
    column('measure', 'Metric', 'text', ({ title }) => title),
    ...table.columns.map(
      (cutoff): Column<MeasureRow> =>
        column(
          cutoff,
          columnTitle(run, cutoff),
          'metric',
          ({ values }) => values[cutoff],
          ({ decimals }) => decimals,
        ),
    ),
  ];
  if (table.rows.length > 0) return <Table title="Metrics" columns={columns} rows={table.rows} />;
  return (
    <>
      <div className="chart-head">
        <h2>Metrics</h2>
      </div>
      <EmptyState
        title="No results yet"
        text="They appear when the run completes. Until then the curves show validation metrics."
      />
    </>
  );
}

/** What its user noted. */
export function Noted({ annotations: { tags, notes } }: Pick<RunPage, 'annotations'>) {
  return (
    <>
      {tags.length > 0 && <p>Tags: {tags.join(', ')}</p>}
      {notes !== '' && (
        <p style={{ whiteSpace: 'pre-wrap' }}>
          <LinkedText text={notes} />
        </p>
      )}
    </>
  );
}

/** What of Semantic IDs is measured by level, of lists by cut-off. */
function columnTitle({ protocol }: MeasuredRun, cutoff: string): string {
  const ofIds = protocol?.task === 'tokeniser';
  if (cutoff === '') return ofIds ? 'All levels' : 'All ranks';
  return ofIds ? `Level ${cutoff}` : `@${cutoff}`;
}

function factGroups(run: OwnRun, version: string): [title: string, facts: Fact[]][] {
  const { environment, protocol, protocolFingerprint } = run;
  const protocolFacts = Object.entries(protocol ?? {}).filter(([key]) => key !== 'dataset');
  const groups: [string, Fact[]][] = [
    ['Run', runFacts(run)],
    [
      'Protocol',
      [
        ...(protocolFingerprint === null ? [] : [['Fingerprint', protocolFingerprint] satisfies Fact]),
        ...protocolFacts.map(factOf),
      ],
    ],
    ['Environment', [['Version', version], ...Object.entries(environment ?? {}).map(factOf)]],
    ['Why this device', deviceFacts(run)],
  ];
  return groups.filter(([, facts]) => facts.length > 0);
}

function factOf([key, value]: [string, unknown]): Fact {
  return [settingTitle(key), Array.isArray(value) ? value.join(', ') : String(value)];
}

/** The reason of an automatic choice names every device passed over, "not cuda (…); not webgpu (…)"; each gets a line. */
function deviceFacts({ device, deviceReason }: OwnRun): Fact[] {
  if (device === null || !deviceReason) return [];
  if (!deviceReason.startsWith('not ')) return [[device, deviceReason]];
  return deviceReason.split(/; (?=not \S+ \()/).map((part): Fact => {
    const [, other, why] = /^not (\S+) \((.*)\)$/s.exec(part) ?? [part, '', part];
    return [`Not ${other}`, why];
  });
}

function runFacts(run: OwnRun): Fact[] {
  const selected = run.selectedEpoch === null ? '' : `, tested epoch ${run.selectedEpoch}`;
  const all: [name: string, value: string | null][] = [
    ['Id', run.id],
    ['Model', modelTitle(run.model)],
    ['Data set', run.dataset.name],
    ['Data fingerprint', run.dataset.fingerprint.slice(0, 12)],
    ['Seed', String(run.seed)],
    ['Device', run.device ?? run.requestedDevice],
    [
      'Copied each step',
      copiesState(run.device) && run.parameters !== null
        ? `${bytesText(4 * run.parameters)} of parameters there and back, and as much for each moment of the optimiser`
        : null,
    ],
    ['Threads', String(run.threads)],
    ['Parameters', run.parameters === null ? null : grouped(run.parameters)],
    ['Epochs', run.epochs === null ? null : `${run.epochs}${selected}`],
    ['Time', run.seconds === null ? null : durationText(run.seconds)],
    ['Created', timeText(run.createdAt)],
    ['Started', run.startedAt === null ? null : timeText(run.startedAt)],
    ['Ended', run.endedAt === null ? null : timeText(run.endedAt)],
    ['Evaluates', run.evaluates?.name ?? null],
  ];
  return all.filter(([, value]) => value !== null);
}

interface MeasureRow {
  title: string;
  /** By cut-off, "" for a measure without one. */
  values: Record<string, number>;
  /** Equal ones in a row. */
  decimals: number;
}

const SPLITS = ['test', 'final', 'valid'];
const FIRST = [...new Set(metricsUsed('column').map((name) => name.split('@')[0]))];

/** "test/ndcg@10" → "NDCG" at "10"; "valid/mrr" → "Validation MRR" at "". */
function measureTable({ metrics, protocol }: Pick<RunRecord, 'metrics' | 'protocol'>): {
  columns: string[];
  rows: MeasureRow[];
} {
  const rows = new Map<string, { name: string; values: Record<string, number> }>();
  for (const [metric, value] of Object.entries(metrics)) {
    const [name, cutoff = ''] = metric.split('@', 2);
    const row = rows.get(name) ?? { name, values: {} };
    row.values[cutoff] = value;
    rows.set(name, row);
  }
  const cutoffs = new Set([...rows.values()].flatMap(({ values }) => Object.keys(values)));
  const sorted = [...rows.values()].sort((a, b) => byPlace(a.name, b.name));
  return {
    columns: [...cutoffs].sort((a, b) => Number(a) - Number(b)),
    rows: sorted.map(({ name, values }) => ({
      title: titleOf(name, protocol),
      values,
      decimals: metricDecimals(name),
    })),
  };
}

/** Says where a value is of some of the users. */
function titleOf(name: string, protocol: RunRecord['protocol']): string {
  const sample = statedSample(protocol, name.split('/', 1)[0]);
  return sample === null ? metricLabel(name) : `${metricLabel(name)} (${sample})`;
}

/** Test metrics first, and of each split the ones every paper has. */
export const byPlace = (a: string, b: string) =>
  place(a) - place(b) || a.localeCompare(b, undefined, { numeric: true });

function place(name: string): number {
  const [split, measure = ''] = name.split('@')[0].split('/', 2);
  const first = FIRST.indexOf(measure);
  const splitAt = SPLITS.indexOf(split);
  return 10 * (splitAt < 0 ? SPLITS.length : splitAt) + (first < 0 ? FIRST.length : first);
}
