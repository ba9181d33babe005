import { useQuery } from '@tanstack/react-query';
import type {
  ClickColumn,
  ClickStatistics,
  DatasetDetails,
  DatasetSummary,
} from '../../../core/api/datasets.ts';
import {
  type Fact,
  type LeftOutRow,
  leftOutRows,
  originFacts,
  roleName,
  sizeFacts,
  spreadRows,
} from '../../../core/api/datasets.ts';
import { Figure } from '../../charts/Figure.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { type Column, column } from '../../components/columns.ts';
import { FactList } from '../../components/lists.tsx';
import { Answer } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { fileText } from '../../format/files.ts';
import { grouped, withMinus } from '../../format/format.ts';
import { StatusMark } from '../../runs/RunStatus.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { activityFigure, countsFigure } from './figures.ts';
import { Leaderboard } from './Leaderboard.tsx';

/** Runs has them all. */
const SHOWN_RUNS = 50;

const FACT_COLUMNS: readonly Column<Fact>[] = [
  column('name', 'Statistic', 'text', ([name]) => name),
  column('value', 'Value', 'number', ([, value]) => value),
];

type Spread = ReturnType<typeof spreadRows>[number];

const SPREAD_COLUMNS: readonly Column<Spread>[] = [
  column('name', 'Count', 'text', ({ name }) => name),
  column('min', 'Min', 'count', ({ min }) => min),
  column('median', 'Median', 'metric', ({ median }) => median, 1),
  column('mean', 'Mean', 'metric', ({ mean }) => mean, 1),
  column('max', 'Max', 'count', ({ max }) => max),
];

/** Statistics and histograms, where it comes from, and the runs on it. */
export function DatasetOverview({ details }: { details: DatasetDetails }) {
  const { summary, runs, folder } = details;
  const { fingerprint } = summary;
  return (
    <div className="overview wide-tables grid gap-6 page-inset">
      <div className="grid packed gap-6">
        <section>
          <Table title="Statistics" columns={FACT_COLUMNS} rows={sizeFacts(summary)} />
        </section>
        <section>
          <div className="chart-head">
            <h2>Fingerprint</h2>
            <CopyButton what="the fingerprint" text={fingerprint} />
          </div>
          <p className="mono breaks">{fingerprint}</p>
          <p className="field-help">
            {summary.clicks
              ? 'SHA-256 over the columns, their values and the rows. Results compare only where it is the same.'
              : 'SHA-256 over the ordered sequences and the test targets. Results compare only where it is the same.'}
          </p>
        </section>
        <section>
          <h2>Origin</h2>
          <FactList className="facts" width={88} facts={originFacts(summary, folder, fileText)} />
        </section>
      </div>
      <div className="overview-charts panels packed gap-6">
        {!summary.clicks && <Leaderboard dataset={summary.name} />}
        {summary.clicks ? (
          <ClickColumns clicks={summary.clicks} />
        ) : (
          <>
            <ActiveUsers dataset={summary} />
            <LeftOut summary={summary} />
            <Distributions summary={summary} />
          </>
        )}
        <section>
          <h2>Runs</h2>
          {runs.length === 0 ? (
            <p className="muted">
              {summary.clicks
                ? 'None yet. Click logs are for ranking models: start with DLRM.'
                : 'None yet. Start with Popularity: it is the baseline of every comparison.'}
            </p>
          ) : (
            <ul className="affected-runs scrolls" aria-label="Runs on this data set">
              {runs.slice(0, SHOWN_RUNS).map(({ id, title, status }) => (
                <li key={id} className="row spread line-below">
                  <a className="plain" href={routeLink('run', [id])}>
                    {title}
                  </a>
                  <StatusMark status={status} />
                </li>
              ))}
              {runs.length > SHOWN_RUNS && (
                <li className="row line-below">
                  <a className="plain" href={routeLink('runs')}>
                    {grouped(runs.length - SHOWN_RUNS)} more in Runs
                  </a>
                </li>
              )}
            </ul>
          )}
        </section>
      </div>
    </div>
  );
}

/** Active users over time. */
function ActiveUsers({ dataset: { id, name } }: { dataset: DatasetSummary }) {
  const activity = useQuery(api.datasets.activity.queryOptions({ input: { dataset: id } }));
  return (
    <Answer query={activity}>{(users) => users && <Figure spec={activityFigure(users, name)} />}</Answer>
  );
}

/** How interactions spread over users and items. */
function Distributions({ summary: { statistics, name } }: { summary: DatasetSummary }) {
  return (
    <>
      <Figure
        spec={countsFigure({
          title: 'Sequence length',
          of: 'users',
          unit: 'interactions of a user',
          bins: statistics.sequenceLengthHistogram,
          fileName: `${name}-sequence-length`,
        })}
      />
      <Figure
        spec={countsFigure({
          title: 'Item popularity',
          of: 'items',
          unit: 'interactions of an item',
          bins: statistics.itemPopularityHistogram,
          fileName: `${name}-item-popularity`,
        })}
      />
      <section>
        <Table title="Spread" columns={SPREAD_COLUMNS} rows={spreadRows(statistics)} />
      </section>
    </>
  );
}

const FOUR_DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

const figure = (id: 'min' | 'mean' | 'max', title: string): Column<ClickColumn> =>
  column(id, title, 'metric', (row) => row[id], {
    text: ({ [id]: value }) => (value === undefined ? '–' : withMinus(FOUR_DIGITS.format(value))),
  });

const CLICK_COLUMNS: readonly Column<ClickColumn>[] = [
  column('name', 'Column', 'text', ({ name }) => name),
  column('role', 'Meaning', 'text', ({ role }) => roleName(role)),
  column('missing', 'Missing', 'count', ({ missing }) => missing),
  column('distinct', 'Values', 'count', ({ distinct }) => distinct),
  ...[figure('min', 'Min'), figure('mean', 'Mean'), figure('max', 'Max')],
];

/** What is in the columns of a click log. */
function ClickColumns({ clicks: { columns } }: { clicks: ClickStatistics }) {
  return (
    <section>
      <Table title="Columns" columns={CLICK_COLUMNS} rows={columns} />
    </section>
  );
}

const LEFT_OUT_COLUMNS: readonly Column<LeftOutRow>[] = [
  column('what', 'Rows', 'text', ({ what }) => what),
  column('interactions', 'Interactions', 'count', ({ interactions }) => interactions),
  column('share', 'Share', 'percent', ({ share }) => share),
  column('users', 'Users', 'count', ({ users }) => users),
  column('items', 'Items', 'count', ({ items }) => items),
];

/** How many rows the import left out, step by step and why. */
function LeftOut({ summary }: { summary: DatasetSummary }) {
  const { badRowExamples = [], badRows, filtered } = summary;
  return (
    <section>
      <Table title="Rows removed" columns={LEFT_OUT_COLUMNS} rows={leftOutRows(summary)} />
      {badRowExamples.length > 0 && (
        <details className="small muted">
          <summary>
            {badRows > badRowExamples.length
              ? `The first ${badRowExamples.length} unreadable rows`
              : 'The unreadable rows'}
          </summary>
          <ul>
            {badRowExamples.map((example) => (
              <li key={example} className="breaks">
                {fileText(example)}
              </li>
            ))}
          </ul>
        </details>
      )}
      {!filtered && (
        <p className="field-help">
          This data set was imported by an earlier version, which did not count what its filters left out.
        </p>
      )}
    </section>
  );
}
