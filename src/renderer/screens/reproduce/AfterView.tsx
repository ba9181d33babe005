import { Scale } from 'lucide-react';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import {
  DEGREE_WORDS,
  orderText,
  outcomeStatement,
  type ReproducedRun,
  ROUNDING,
  ranksText,
} from '../../../core/api/reproduce.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { ActionButton } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Answer, EmptyState, Screen } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { fixed, pValueText, signed } from '../../format/format.ts';
import { compareRuns } from '../../runs/changes.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { Disagreement, Statements } from './Disagreement.tsx';

/** What came of runs that were made again, beside what they were. */
export function AfterView({ runs }: { runs: string[] }) {
  const query = useKeptQuery({
    ...api.reproduce.outcomes.queryOptions({ input: { runs } }),
    enabled: runs.length > 0,
  });
  const outcomes = query.data ?? [];
  const compare: Action = {
    ...{ id: 'reproduce.compare', label: 'Open as a comparison', group: 'Run', shortcut: 'c' },
    ...{ short: 'Compare', icon: Scale, why: 'None of them has completed' },
    enabled: () => outcomes.some(({ degree }) => degree !== null),
    perform: () =>
      compareRuns(outcomes.flatMap(({ run, earlier }) => [...(earlier.isHere ? [earlier.id] : []), run.id])),
  };
  useRegisteredActions([compare]);
  return (
    <Screen
      up={{ label: 'Runs', href: routeLink('runs') }}
      title={outcomes[0] ? `${sourceName(outcomes[0].source)}, made again` : 'Made again'}
      actions={<ActionButton kind="primary" action={compare} />}
    >
      {runs.length === 0 ? (
        <Nothing />
      ) : (
        <Answer query={query}>{(found) => <Outcomes outcomes={found} />}</Answer>
      )}
    </Screen>
  );
}

/** Of a file without its folder; the name of a run may have slashes. */
const sourceName = (source: string) =>
  /\.(html?|zip)$/i.test(source) ? (source.split(/[\\/]/).at(-1) ?? source) : source;

const Nothing = () => (
  <EmptyState
    title="Nothing was made again"
    text="Reproduce a run from its page, or a report or a bundle by dropping it on the window."
  />
);

function Outcomes({ outcomes }: { outcomes: readonly ReproducedRun[] }) {
  if (outcomes.length === 0) return <Nothing />;
  const order = orderText(outcomes);
  return (
    <div className="column tall">
      <Statement {...outcomeStatement(outcomes)} large>
        {order ? `${order}. ` : ''}What disagrees is never averaged away: a comparison shows both rows.
      </Statement>
      <div className="study-page grid gap-6">
        <Table
          title="Then and now"
          columns={columnsOf(outcomes)}
          rows={outcomes}
          rowKey={({ run }) => run.id}
        />
        {outcomes
          .filter(({ degree }) => degree === 'apart' || degree === 'differs')
          .map((outcome) => (
            <Disagreement key={outcome.run.id} outcome={outcome} />
          ))}
        <Differing outcomes={outcomes} />
        {outcomes.length > 1 && <Statements runs={outcomes.map(({ run }) => run.id)} />}
      </div>
      <ScreenFoot>
        <span>
          Diamond: every rank equal. Grey: differences up to {ROUNDING}, which are taken for rounding.
        </span>
        <span>Within rounding: inside the grey, the same epoch, and no test tells both apart.</span>
      </ScreenFoot>
    </div>
  );
}

/** As many of each run, the largest differences first. */
const MOST_METRICS = 8;

/** The numbers that are other ones; nothing where all are equal. */
function Differing({ outcomes }: { outcomes: readonly ReproducedRun[] }) {
  const rows = outcomes.flatMap(({ earlier: { name }, agreement }) =>
    (agreement?.different ?? []).slice(0, MOST_METRICS).map((one) => ({ ...one, run: name })),
  );
  const columns: Column<(typeof rows)[number]>[] = [
    column('run', 'Run', 'text', ({ run }) => run),
    column('metric', 'Metric', 'text', ({ name }) => metricLabel(name)),
    column('then', 'Then', 'metric', ({ earlier }) => earlier, { decimals: 6 }),
    column('now', 'Now', 'metric', ({ now }) => now, { decimals: 6 }),
    column(
      'delta',
      'Difference',
      'signed',
      ({ earlier, now }) => (earlier === null || now === null ? null : now - earlier),
      { decimals: 6 },
    ),
  ];
  return rows.length > 0 && <Table title="What differs most" columns={columns} rows={rows} />;
}

function columnsOf(outcomes: readonly ReproducedRun[]): Column<ReproducedRun>[] {
  const [{ metric }] = outcomes;
  const decimals = metric === null ? 4 : metricDecimals(metric);
  const label = metric === null ? 'the metric' : metricLabel(metric);
  const far = Math.max(2 * ROUNDING, ...outcomes.map((one) => Math.abs(differenceOf(one) ?? 0)));
  return [
    column('run', 'Run', 'text', ({ earlier }) => earlier.name, {
      width: 200,
      render: ({ run, earlier }) => (
        <>
          <RunTile model={run.model} />
          <a className="row-link" href={routeLink('run', [run.id])}>
            {earlier.name}
          </a>
        </>
      ),
    }),
    column('then', 'Then', 'metric', ({ before }) => before, { decimals, width: 84 }),
    column('now', 'Now', 'metric', ({ after }) => after, {
      ...{ decimals, width: 84 },
      render: ({ after, run }) =>
        after === null ? statusText(run.status) : <strong>{fixed(after, decimals)}</strong>,
    }),
    column('delta', 'Difference', 'signed', (one) => differenceOf(one), { decimals, width: 92 }),
    column('axis', `Difference of ${label}`, 'none', () => null, {
      width: WIDTH + 16,
      render: (one) => <DifferenceAxis outcome={one} far={far} />,
    }),
    column('epoch', 'Epoch tested', 'number', epochText, { width: 104 }),
    column('ranks', 'Ranks that are equal', 'text', (one) => (one.degree === null ? '–' : ranksText(one)), {
      width: 240,
    }),
    column('degree', 'Agreement', 'text', degreeText, {
      width: 170,
      render: (one) => <span className={toneOf(one)}>{degreeText(one)}</span>,
    }),
  ];
}

const differenceOf = ({ before, after }: ReproducedRun) =>
  before === null || after === null ? null : after - before;

const toneOf = ({ degree }: ReproducedRun) =>
  degree === 'exact'
    ? 'strong'
    : degree === 'apart'
      ? 'bad strong'
      : degree === 'differs'
        ? 'warning'
        : undefined;

function degreeText({ degree, p, run, how }: ReproducedRun): string {
  if (degree === null) return `${statusText(run.status)}, ${how === 'train' ? 'trains' : 'evaluates'} again`;
  return degree === 'apart' && p !== null
    ? `${DEGREE_WORDS[degree]}, p ${pValueText(p)}`
    : DEGREE_WORDS[degree];
}

function epochText({ agreement }: ReproducedRun): string {
  const { earlier, now } = agreement?.epochs ?? { earlier: null, now: null };
  if (earlier === null && now === null) return '–';
  return earlier === now || agreement === null ? String(earlier) : `${earlier ?? '–'} → ${now ?? '–'}`;
}

const [WIDTH, HEIGHT, TILE] = [200, 24, 8];

/** The difference on an axis that all rows share, over the band of rounding. */
function DifferenceAxis({ outcome, far }: { outcome: ReproducedRun; far: number }) {
  const colour = useModelColour(outcome.run.model);
  const difference = differenceOf(outcome);
  const place = (value: number) => WIDTH / 2 + (value / far) * (WIDTH / 2 - TILE);
  const [band, middle] = [place(ROUNDING) - WIDTH / 2, HEIGHT / 2];
  const at = place(difference ?? 0);
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <rect x={WIDTH / 2 - band} y={2} width={2 * band} height={HEIGHT - 4} fill="var(--sunken)" />
      <path d={`M${WIDTH / 2} 2V${HEIGHT - 2}`} stroke="var(--text-muted)" />
      {difference !== null && (
        <>
          <path d={`M${WIDTH / 2} ${middle}H${at}`} stroke={colour} strokeWidth={2} />
          <rect
            x={at - TILE / 2}
            y={middle - TILE / 2}
            width={TILE}
            height={TILE}
            fill={colour}
            transform={outcome.degree === 'exact' ? `rotate(45 ${at} ${middle})` : undefined}
          />
        </>
      )}
      <title>{difference === null ? 'to come' : signed(difference, 4)}</title>
    </svg>
  );
}
