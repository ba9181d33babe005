import { Fragment } from 'react';
import {
  type ComparedRow,
  type ComparisonCell,
  cellMark,
  disagrees,
  type ForestAxis,
  type ForestMark,
  findingOf,
  footnoteMark,
  forestCell,
  type MetricColumn,
  type PublishedRow,
  statedOf,
} from '../../../core/api/compare.ts';
import { Chip } from '../../components/lists.tsx';
import { fixed, grouped, pValueText, signed, signedRange } from '../../format/format.ts';
import { FindingWord } from '../../runs/comparison/FindingWord.tsx';
import { InlineName } from '../../runs/InlineName.tsx';
import { OriginChip } from '../../runs/OriginChip.tsx';
import { MANY_ROWS } from './metric-layout.ts';
import { drawnDifference, type MetricTableParts } from './metric-parts.ts';

const ROW = { usual: 36, many: 28, published: 24 };
/** A row with its place in the forest, and under it what others have printed of its model. */
export function MetricRow(props: MetricTableParts & { row: ComparedRow; at: number }) {
  const { view, row, at, rows, shown, layout, scale, colours, selection, active, simple, hasPublished } =
    props;
  const [main, ...others] = shown;
  const column = view.columns[main];
  const cell = row.cells[main];
  const difference = drawnDifference(row, main);
  const colour = colours.get(row.id) ?? 'var(--text)';
  const height = rows.length >= MANY_ROWS ? ROW.many : ROW.usual;
  const mark = row.isBaseline ? 'baseline' : difference ? { ...difference, colour } : null;
  const beside = hasPublished ? publishedOf(row, column) : [];
  return (
    <>
      <tr
        id={`metric-row-${at}`}
        className="metric-row"
        aria-selected={selection.has(row.id)}
        data-active={active === at}
        data-baseline={row.isBaseline}
        data-last={beside.length === 0}
        style={{ height }}
        onClick={(event) => props.onRow(event, at)}
        onDoubleClick={() => props.onOpen(at)}
      >
        <th scope="row">
          {props.renaming === row.id ? (
            <InlineName
              clears
              of={`row ${row.id}`}
              name={row.name}
              label="Name of the row"
              onDone={(name) => props.onRenamed(row, name)}
            />
          ) : (
            <RowName row={row} tile={props.tiles.get(row.id)} isSimple={row === simple} />
          )}
        </th>
        <td
          data-align="end"
          className="muted"
          title={row.seeds.length > 0 ? `Seeds ${row.seeds.join(', ')}` : undefined}
        >
          {row.runs.length}
        </td>
        <MeanCell cell={cell} column={column} row={row} />
        <td data-align="end" className="metric-delta">
          {row.isBaseline ? '–' : signed(cell.delta, column.decimals)}
        </td>
        {layout.hasPercent && <td data-align="end">{row.isBaseline ? '–' : signed(cell.deltaPercent, 1)}</td>}
        {layout.hasTests && (
          <td className="muted small">
            {cell.significance &&
              `[${signedRange(cell.significance.interval, column.decimals).replace(' to ', ', ')}]`}
          </td>
        )}
        <Forest axis={{ scale, decimals: column.decimals, width: layout.forest, height }} mark={mark} />
        {layout.hasTests && (
          <>
            <td data-align="end" className="muted">
              {cell.significance && pValueText(cell.significance.holm)}
            </td>
            <td className="metric-verdict">
              <VerdictWord cell={cell} column={column} />
            </td>
          </>
        )}
        {others.map((other) => (
          <OtherCells key={other} cell={row.cells[other]} column={view.columns[other]} row={row} />
        ))}
      </tr>
      {beside.map((published, place) => (
        <PublishedLine
          key={published.source}
          {...props}
          published={published}
          isLast={place === beside.length - 1}
        />
      ))}
    </>
  );
}

/** A row's place around the line of no difference, in words where the pointer rests. */
function Forest({ axis, mark }: { axis: ForestAxis; mark: ForestMark | null }) {
  const { decimals } = axis;
  const row = mark !== null && typeof mark === 'object' && 'id' in mark ? mark : null;
  const interval =
    row &&
    (row.low < row.high ? `95 % interval ${signedRange([row.low, row.high], decimals)}` : 'not tested');
  return (
    <td
      className="metric-forest"
      title={row ? `${signed(row.difference, decimals)}, ${interval}` : undefined}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: lines and numbers that the program draws
      dangerouslySetInnerHTML={{ __html: forestCell(axis, mark) }}
    />
  );
}

/** Characters of what keeps its room beside what is longer. */
const SHORT = 12;

interface RowNameProps {
  row: ComparedRow;
  /** What its tile is filled with. */
  tile: string | undefined;
  isSimple?: boolean;
}

export function RowName({ row, tile, isSimple }: RowNameProps) {
  const { title, detail } = row.label;
  return (
    <span className="row shrinks" title={row.fullName}>
      <span className="run-swatch" style={{ background: tile }} aria-hidden="true" />
      <span className="flex gap-1 clip">
        {/* What tells it apart is cut last, unless it is long beside a short name. */}
        {[title, detail].map((text, at) => (
          <bdi
            key={text}
            className={at === 0 ? 'clip' : 'muted regular clip'}
            style={{ flexShrink: text.length > SHORT ? 1 : 0.01 }}
          >
            {at > 0 && ' '}
            {text}
          </bdi>
        ))}
      </span>
      {/* A cut name keeps its marks. */}
      {row.notes.length > 0 && (
        <sup className="rigid muted regular" style={{ alignSelf: 'start' }}>
          {row.notes.map(footnoteMark).join(' ')}
        </sup>
      )}{' '}
      {row.program !== null && <OriginChip program={row.program} />}
      {row.coverage !== null && (
        <Chip tone="warning" title="Users with a list; the others count as missed">
          {`${Math.floor(100 * row.coverage)} %`}
        </Chip>
      )}
      {row.isBaseline && <Chip tone="ink">Baseline</Chip>}
      {isSimple && !row.isBaseline && <Chip tone="line">Best simple</Chip>}
    </span>
  );
}

interface CellProps {
  cell: ComparisonCell;
  column: MetricColumn;
  row: ComparedRow;
}

/** Muted where something of the row is unknown: it is never ranked. */
function MeanCell({ cell, column: { decimals }, row: { known, unknown } }: CellProps) {
  const { mean, std, mark } = cell;
  if (mean === null && known !== null)
    return <td className="metric-mean faint small">top {grouped(known)} only</td>;
  const text = fixed(mean, decimals);
  return (
    <td className={unknown.length > 0 ? 'metric-mean muted' : 'metric-mean'}>
      <span>{mark === 'best' ? <strong>{text}</strong> : mark === 'second' ? <u>{text}</u> : text}</span>
      <span className="cell-spread faint small">
        {std !== null && `± ${fixed(std, decimals)}`}
        {cellMark(cell)}
      </span>
    </td>
  );
}

/** A further metric: its mean, and † where it differs. */
function OtherCells(props: CellProps) {
  const { cell, column, row } = props;
  const isUnknown = cell.mean === null && row.known !== null;
  return (
    <>
      <MeanCell {...props} />
      <td data-align="end">
        {row.isBaseline ? '–' : !isUnknown && signed(cell.delta, column.decimals)}
        <span className="compare-mark text-start">{cell.significance?.significant ? '†' : ''}</span>
      </td>
    </>
  );
}

/** What the corrected test says. */
function VerdictWord({ cell, column }: { cell: ComparisonCell; column: MetricColumn }) {
  const finding = findingOf(cell, column);
  if (finding === null) return null;
  return <FindingWord finding={finding}>{disagrees(cell) && <sup>‡</sup>}</FindingWord>;
}

/** The paper of the model, then the lowest and the highest of those who ran it again. */
function publishedOf({ published }: ComparedRow, { name }: MetricColumn): PublishedRow[] {
  const { paper, reruns } = statedOf(published, name);
  const ends = new Set([paper, reruns.at(0), reruns.at(-1)]);
  return [...ends].filter((one) => one !== undefined);
}

function PublishedLine({
  view,
  row,
  shown,
  layout,
  scale,
  published,
  isLast,
}: MetricTableParts & { row: ComparedRow; published: PublishedRow; isLast: boolean }) {
  const [main, ...others] = shown;
  const { baseline } = view.protocols[row.protocol];
  const base = baseline === null ? null : view.rows[baseline];
  const difference = (at: number) => {
    const [value, from] = [published.values[view.columns[at].name], base?.cells[at].mean];
    return value === undefined || from == null ? null : value - from;
  };
  const column = view.columns[main];
  const delta = difference(main);
  const from = base?.cells[main].mean;
  return (
    <tr className="metric-published small faint" data-last={isLast} style={{ height: ROW.published }}>
      <th scope="row">
        <span className="metric-source row shrinks" title={`${published.title}. ${published.where}`}>
          {published.isPaper ? 'Paper' : 'Re-run'} <span className="clip">{published.title}</span>
        </span>
      </th>
      <td />
      <td className="metric-mean">
        <span>{fixed(published.values[column.name], column.decimals)}</span>
        <span className="cell-spread faint small" />
      </td>
      <td data-align="end">{signed(delta, column.decimals)}</td>
      {layout.hasPercent && (
        <td data-align="end">{delta === null || !from ? '–' : signed((100 * delta) / Math.abs(from), 1)}</td>
      )}
      {layout.hasTests && <td />}
      <Forest
        axis={{ scale, decimals: column.decimals, width: layout.forest, height: ROW.published }}
        mark={delta === null ? null : { published: delta }}
      />
      {layout.hasTests && <td colSpan={2} />}
      {others.map((at) => (
        <Fragment key={at}>
          <td className="metric-mean">
            <span>{fixed(published.values[view.columns[at].name], view.columns[at].decimals)}</span>
            <span className="cell-spread faint small" />
          </td>
          <td data-align="end">
            {signed(difference(at), view.columns[at].decimals)}
            <span className="compare-mark text-start" />
          </td>
        </Fragment>
      ))}
    </tr>
  );
}
