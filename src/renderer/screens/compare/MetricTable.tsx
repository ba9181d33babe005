import { ArrowDown, ArrowUp } from 'lucide-react';
import { Fragment, type ReactNode, useMemo } from 'react';
import { baselineName, type ComparedRow, differenceScale, forestHead } from '../../../core/api/compare.ts';
import { meaningOf, signOf } from '../../../core/api/metrics.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { grouped } from '../../format/format.ts';
import { useCompareRoute } from './compare-route.ts';
import { MetricRow } from './MetricRow.tsx';
import { metricLayout } from './metric-layout.ts';
import { drawnDifference, type MetricTableParts, type MetricTableProps } from './metric-parts.ts';

const PIXELS_A_TICK = 60;
const HEAD = 20;

/** One main metric with its differences, intervals and tests in the rows; every further one as mean and difference. */
export function MetricTable(props: MetricTableProps) {
  const { view, shown, rows, width } = props;
  const [main, ...others] = shown;
  const column = view.columns[main];
  const hasTests = rows.some(({ cells }) => cells[main].significance);
  const isMarked = rows.some(({ program }) => program !== null);
  const layout = metricLayout(width, others.length, rows.length, { hasTests, isMarked });
  // In the order of the rows, which the keys follow.
  const groups = Map.groupBy(rows.entries(), ([, { protocol }]) => protocol);
  const scale = useMemo(() => {
    const differences = rows.flatMap((row) => drawnDifference(row, main) ?? []);
    const count = Math.max(2, Math.floor(layout.forest / PIXELS_A_TICK));
    return differenceScale(differences, signOf(column.direction), count);
  }, [rows, main, column, layout.forest]);
  return (
    <table
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are chosen by keys and clicks
      role="grid"
      aria-label="Comparison"
      aria-multiselectable="true"
      aria-activedescendant={`metric-row-${props.active}`}
      className="metric-table"
      style={{ width: layout.total }}
      tabIndex={0}
      onKeyDown={props.onKeyDown}
    >
      <colgroup>
        {layout.columns.map(({ id, width }) => (
          <col key={id} style={{ width }} />
        ))}
      </colgroup>
      <MetricHead {...props} layout={layout} scale={scale} />
      {[...groups].map(([protocol, members]) => (
        <tbody key={protocol}>
          <ProtocolLine
            {...props}
            columns={layout.columns.length}
            members={members.map(([, row]) => row)}
            words={view.protocols[protocol].words}
          />
          {members.map(([at, row]) => (
            <MetricRow key={row.id} {...props} row={row} at={at} layout={layout} scale={scale} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function MetricHead({ view, shown, layout, scale }: MetricTableParts) {
  const [main, ...others] = shown;
  const column = view.columns[main];
  const baseline = baselineName({ ...view, rows: view.rows.map(({ label }) => ({ name: label.title })) });
  const better = column.direction === 'lower' ? 'left of 0 is better' : 'right of 0 is better';
  const mainColumns = layout.columns.length - 2 - 2 * others.length;
  return (
    <thead className="muted small medium">
      <tr className="metric-groups">
        <td colSpan={2} />
        <th scope="colgroup" colSpan={mainColumns}>
          <span className="metric-group flex spread strong">
            <span>
              <span title={meaningOf(column.label)}>{column.label}</span>
              {baseline && <span className="muted regular"> and its difference from {baseline}</span>}
            </span>
            {column.direction !== 'none' && baseline && <span className="muted regular">{better}</span>}
          </span>
        </th>
        {others.map((at) => (
          <th key={at} scope="colgroup" colSpan={2}>
            <span className="metric-group flex spread strong" title={meaningOf(view.columns[at].label)}>
              {view.columns[at].label}
            </span>
          </th>
        ))}
      </tr>
      <tr>
        <Head>Run</Head>
        <Head isNumber>Seeds</Head>
        <Head isMean>
          <Icon of={column.direction === 'lower' ? ArrowUp : ArrowDown} />
          Mean
        </Head>
        <Head isNumber>Δ</Head>
        {layout.hasPercent && <Head isNumber>Δ %</Head>}
        {layout.hasTests && <Head>95 % interval</Head>}
        <th scope="col" className="metric-forest">
          <span className="visually-hidden">Difference with its interval</span>
          <div
            // biome-ignore lint/security/noDangerouslySetInnerHtml: numbers that the program draws
            dangerouslySetInnerHTML={{
              __html: forestHead({ scale, decimals: column.decimals, width: layout.forest, height: HEAD }),
            }}
          />
        </th>
        {layout.hasTests && (
          <>
            <Head isNumber>p, Holm</Head>
            <Head>Verdict</Head>
          </>
        )}
        {others.map((at) => (
          <Fragment key={at}>
            <Head isMean>Mean</Head>
            <Head isNumber>Δ</Head>
          </Fragment>
        ))}
      </tr>
    </thead>
  );
}

interface HeadProps {
  isNumber?: boolean;
  /** Its numbers have a slot for ± behind them. */
  isMean?: boolean;
  children: ReactNode;
}

function Head({ isNumber, isMean, children }: HeadProps) {
  return (
    <th
      scope="col"
      data-align={isNumber || isMean ? 'end' : undefined}
      data-mean={isMean}
      title={typeof children === 'string' ? meaningOf(children) : undefined}
    >
      {children}
    </th>
  );
}

/** What all rows below it share. */
function ProtocolLine({
  columns,
  members,
  words,
  shown,
}: MetricTableProps & { columns: number; members: readonly ComparedRow[]; words: readonly string[] }) {
  const [, change] = useCompareRoute();
  const counts = members.flatMap((row) => row.cells[shown[0]].significance ?? []);
  const [tested] = counts;
  const names = [...new Set(members.map(({ dataset }) => dataset ?? 'unknown data set'))];
  const parts = tested ? [...words, `${grouped(tested.count)} ${tested.unit} paired`] : words;
  return (
    <tr className="metric-protocol">
      <th scope="rowgroup" colSpan={columns}>
        <span className="middle gap-3 small">
          <strong>{names.join(', ')}</strong>
          <span className="muted">
            {parts.map((part, at) => (
              <Fragment key={part}>
                {at > 0 && ' · '}
                <span className={/\bunknown$/.test(part) ? 'warning' : undefined} title={meaningOf(part)}>
                  {part}
                </span>
              </Fragment>
            ))}
          </span>
          <Button kind="quiet" onClick={() => change({ view: 'configs' })}>
            Protocol
          </Button>
        </span>
      </th>
    </tr>
  );
}
